/**
 * Shutdown of vLLM and SGLang: stopped only when idle. Not every version drains requests, and none does when a worker of its group
 * is gone. Their images have Python.
 */

import type { EnginePlan } from '../deployment/deployment.ts'
import { engineSeries } from '../series/engine-series.ts'
import type { Part } from './pod.ts'

/** Which pod of a group of nodes; an engine on one node is a leader alone. */
export type Role = 'leader' | 'worker'

export function drainOfOthers(engine: EnginePlan, role: Role): Part {
  return { lifecycle: { preStop: { exec: { command: ['python3', '-c', waitForIdle(engine, role)] } } } }
}

/**
 * Waits until the pod has been taken out everywhere, then until no request runs or waits. `terminationGracePeriodSeconds` bounds it;
 * an engine that takes no connection has nothing left to wait for. Workers wait for their leader, without whom they compute nothing.
 */
export function waitForIdle({ kind, port, times }: EnginePlan, role: Role): string {
  const { running, waiting } = engineSeries(kind)
  const host = role === 'leader' ? "'127.0.0.1'" : "os.environ['LWS_LEADER_ADDRESS']"
  return [
    'import os, time, urllib.request',
    `url = 'http://' + ${host} + ':${port}/metrics'`,
    `names = ('${running}{', '${waiting}{')`,
    `time.sleep(${times.preStopSeconds})`,
    'while True:',
    '    try:',
    '        lines = urllib.request.urlopen(url, timeout=10).read().decode().splitlines()',
    '    except OSError as error:',
    "        if isinstance(getattr(error, 'reason', error), TimeoutError):",
    '            continue',
    '        break',
    '    if not any(float(line.split()[-1]) for line in lines if line.startswith(names)):',
    '        break',
    '    time.sleep(1)',
    '',
  ].join('\n')
}
