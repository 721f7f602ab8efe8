import { expect, it } from 'vitest'
import { readTexts } from './read-texts.ts'

it.each([
  ['kernel log', '[    1.000000] a\n[    2.000000] b\n'],
  ['kernel log', 'Nov 29 14:02:03 h kernel: a\n'],
  ['journal', 'Nov 29 14:02:03 h sshd[1]: a\nNov 29 14:02:04 h engine[2]: b\n'],
  ['nvidia-smi output', '+---+\n| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15   CUDA Version: 12.4 |\n'],
  ['nvidia-smi output', '==============NVSMI LOG==============\n'],
  ['Kubernetes events', 'LAST SEEN   TYPE      REASON   OBJECT   MESSAGE\n5m  Normal  Pulled  pod/a  x\n'],
  ['Kubernetes description', 'Name:  a\nNamespace: b\nEvents:\n  Type  Reason\n'],
  ['Kubernetes pods', 'NAME   READY   STATUS    RESTARTS   AGE\na   0/1   CrashLoopBackOff   5   9m\n'],
  ['training metrics', '{"step":1,"loss":2.5}\n{"step":2,"loss":2.4}\n'],
  [
    'document',
    '# Title\n\nThis is a sentence about something that is long.\nThis is another one about what is long.\n',
  ],
  [
    'alert rules',
    'groups:\n- name: a\n  rules:\n  - alert: Oom\n    expr: x > 0\n    annotations:\n      summary: A container was OOMKilled\n',
  ],
  ['document', 'NAME\n       oomd\n\nDESCRIPTION\n       It kills.\n'],
  ['document', '# Title\n\n| a | b |\n|---|---|\n- one [two](three.md)\n'],
  ['source code', `${"import { a } from './a.ts'\nconst b = a('CUDA out of memory')\n".repeat(5)}`],
  ['source code', '--- a/x.ts\n+++ b/x.ts\n@@ -1,3 +1,3 @@\n-a\n+b\n'],
  ['source code', '#!/bin/bash\nset -e\n'],
  ['no text', '\u0001\u0002ELF\u0000\n\u0000a\n'],
  ['no text', '\ufffd\u0001\ufffd\n\ufffd\ufffd\n'],
  ['empty', ' \n\n'],
  ['log', 'listening on 8080\n'],
] as const)('knows a text that is: %s', (kind, text) => {
  expect(readTexts([{ name: 'a', text }])[0]?.kind).toBe(kind)
})
