import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { visibleLength } from '@hadal/output'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'
import { deployLint } from './deploy-lint.ts'

const pod = (image: string, more = ''): string => `apiVersion: v1
kind: Pod
metadata:
  name: chat
spec:
  automountServiceAccountToken: false
  containers:
    - name: chat
      image: ${image}
      resources:
        requests: { cpu: "1", memory: 1Gi }
        limits: { memory: 1Gi }
      securityContext:
        runAsNonRoot: true
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
${more}`

let folder: string
let terminal: RecordingTerminal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-lint-'))
  terminal = recordingTerminal({ folder, columns: 80 })
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

const lint = async (...args: string[]): Promise<[string, number]> => {
  terminal.printed.length = terminal.noted.length = 0
  const code = await main(['deploy', 'lint', ...args], terminal)
  return [terminal.printed.join('\n'), code]
}

async function* text(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces
}

describe('hadal deploy lint', () => {
  it('follows links to files in folders, and names those to nothing', async () => {
    write('real/pod.yaml', pod('chat:latest'))
    mkdirSync(join(folder, 'mounted'))
    symlinkSync(join(folder, 'real/pod.yaml'), join(folder, 'mounted/pod.yaml'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'mounted/gone.yaml'))
    symlinkSync('.', join(folder, 'mounted/round.yaml'))
    const [said, code] = await lint('mounted')
    expect(code).toBe(3)
    expect(said).toContain('mounted/pod.yaml')
    expect(terminal.noted.join()).toContain('mounted/gone.yaml (a link to no file)')
    expect(terminal.noted.join()).toContain('mounted/round.yaml')
  })

  it('reads UTF-16 with its mark, as kubectl does', async () => {
    for (const [name, bytes] of [
      ['little', Buffer.from(`\uFEFF${pod('chat:latest')}`, 'utf16le')],
      ['big', Buffer.from(`\uFEFF${pod('chat:latest')}`, 'utf16le').swap16()],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'pod.yaml'), bytes)
      expect(await lint(name)).toEqual([expect.stringMatching(/ 9 {2}harmful {2}latest_tag/), 3])
    }
  })

  it('says file, line, object, path, reason and fix, and ends with 3', async () => {
    write('pod.yaml', pod('chat:latest'))
    const [said, code] = await lint('pod.yaml')
    expect(code).toBe(3)
    expect(said).toBe(
      [
        'pod.yaml',
        '  9  harmful  latest_tag',
        '     Pod chat · spec.containers[0].image',
        '     chat:latest may change at any time',
        '     fix: image: chat:VERSION, or a digest: @sha256:...',
        '',
        '1 harmful in 1 object of 1 file',
      ].join('\n'),
    )
  })

  it('exits with 0 when nothing at or above the requested severity is found', async () => {
    write('pod.yaml', pod('chat:1.2.3'))
    expect(await lint('pod.yaml')).toEqual(['nothing found in 1 object of 1 file', 0])
    write('pod.yaml', pod('chat:latest'))
    expect((await lint('pod.yaml', '--severity', 'rejected'))[1]).toBe(0)
    write('pod.yaml', pod('chat:1.2.3', '      imagePullPolicy: Never\n'))
    expect((await lint('pod.yaml'))[1]).toBe(0)
    expect((await lint('pod.yaml', '--severity', 'advice'))[1]).toBe(3)
  })

  it('what a server refuses is rejected, in the order of lines', async () => {
    write('pod.yaml', pod('chat:latest', '      imagePullPolcy: Never\n'))
    const [said, code] = await lint('pod.yaml', '--json')
    const { counts, findings } = JSON.parse(said)
    expect([code, counts]).toEqual([3, { rejected: 1, harmful: 1, advice: 0 }])
    expect(findings.map(({ rule, line }: { rule: string; line: number }) => [rule, line])).toEqual([
      ['latest_tag', 9],
      ['unknown_field', 18],
    ])
  })

  it('reads folders with all within, but for what is hidden or no manifest', async () => {
    write('k8s/base/pod.yaml', pod('chat:latest'))
    write(
      'k8s/over/pod.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }),
    )
    write('k8s/values.yaml', 'image: chat\n')
    write('k8s/chart/Chart.yaml', 'apiVersion: v2\nname: chat\nversion: 1.0.0\n')
    write('k8s/chart/templates/pod.yaml', pod('{{ .Values.image }}'))
    write('k8s/.git/pod.yaml', pod('other:latest'))
    write('k8s/node_modules/x/pod.yaml', pod('other:latest'))
    const [said, code] = await lint('k8s')
    expect(code).toBe(3)
    expect(said).toContain('k8s/base/pod.yaml\n')
    expect(said).toContain('1 harmful in 2 objects of 2 files')
    expect(terminal.noted).toEqual([
      'skipped, not manifests: k8s/chart (a Helm chart: helm template k8s/chart | hadal deploy lint -), k8s/values.yaml',
    ])
  })

  it('of a folder that was rendered, the file with everything is passed over', async () => {
    write('deploy/base/pod.yaml', pod('chat:1.2.3'))
    write('deploy/all.yaml', pod('chat:1.2.3'))
    expect((await lint('deploy'))[0]).toContain('2 objects of 2 files')
    write('deploy/.rendered.json', '{}')
    expect(await lint('deploy')).toEqual(['nothing found in 1 object of 1 file', 0])
  })

  it('overlays of kustomize are sets of their own: they may take away what the base has', async () => {
    const scaler = (kind: string, version: string, spec: object) =>
      JSON.stringify({
        apiVersion: version,
        kind,
        metadata: { name: 'x' },
        spec: { scaleTargetRef: { kind: 'Deployment', name: 'x' }, ...spec },
      })
    write('k8s/base/hpa.yaml', scaler('HorizontalPodAutoscaler', 'autoscaling/v2', { maxReplicas: 3 }))
    write('k8s/over/scaled.yaml', scaler('ScaledObject', 'keda.sh/v1alpha1', { triggers: [] }))
    expect((await lint('k8s'))[0]).toContain('two_autoscalers')
    const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n'
    write('k8s/base/kustomization.yaml', `${kustomization}  - hpa.yaml\n`)
    write('k8s/over/kustomization.yaml', `${kustomization}  - ../base\n  - scaled.yaml\n`)
    const [said] = await lint('k8s')
    expect(said).not.toContain('two_autoscalers')
    expect(said).toMatch(/in 2 objects of 4 files$/)
  })

  it('a file that is named is always read', async () => {
    write('values.yaml', 'image: chat\n')
    expect((await lint('values.yaml'))[0]).toContain('no_kind')
  })

  it('reads standard input, in pieces as they come', async () => {
    const whole = pod('chat:latest')
    const input = text(
      whole.slice(0, 30),
      whole.slice(30),
      '\n---\n',
      pod('chat:1').replace('name: chat', 'name: b'),
    )
    expect(await deployLint(['-'], {}, terminal, input)).toBe(3)
    expect(terminal.printed.join('\n')).toContain('(standard input)')
    expect(terminal.printed.at(-1)).toBe('1 harmful in 2 objects of 1 file')
  })

  it('what cannot be read is an error with code 1, and so is a check of nothing', async () => {
    expect((await lint('nowhere.yaml'))[1]).toBe(1)
    expect(terminal.noted.join('\n')).toMatch(/error\[lint_unreadable\]: cannot read nowhere.yaml: .*ENOENT/)
    mkdirSync(join(folder, 'empty'))
    expect((await lint('empty'))[1]).toBe(1)
    expect(terminal.noted.join('\n')).toContain('error[lint_nothing]: no manifests found in empty')
    await expect(deployLint(['-'], {}, terminal, text(''))).rejects.toThrow(
      'cannot read standard input: it is empty',
    )
  })

  it('compares with what is there', async () => {
    const service = (ip: string) =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: x }\nspec: { clusterIP: ${ip}, ports: [{ port: 80 }] }\n`
    write('now/service.yaml', service('10.0.0.1'))
    write('service.yaml', service('10.0.0.2'))
    expect((await lint('service.yaml'))[1]).toBe(0)
    const [said, code] = await lint('service.yaml', '--before', 'now')
    expect([code, said.includes('spec.clusterIP')]).toEqual([3, true])
  })

  it('free GPUs decide about a surge, and are a whole number', async () => {
    write(
      'engine.yaml',
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: engine }
spec:
  selector: { matchLabels: { app: engine } }
  template:
    metadata: { labels: { app: engine } }
    spec:
      tolerations: [{ key: nvidia.com/gpu, operator: Exists }]
      containers:
        - { name: engine, image: "engine:1", readinessProbe: { httpGet: { path: /health, port: 8080 } }, resources: { requests: { cpu: 1, memory: 1Gi }, limits: { nvidia.com/gpu: 1 } } }
`,
    )
    expect((await lint('engine.yaml'))[1]).toBe(3)
    expect((await lint('engine.yaml', '--free-gpus', '1'))[1]).toBe(0)
    expect((await lint('engine.yaml', '--free-gpus', '0'))[0]).toMatch(/; 0\s+are free/)
    expect((await lint('engine.yaml', '--free-gpus', 'some'))[1]).toBe(2)
    expect((await lint('engine.yaml', '--free-gpus', ''))[1]).toBe(2)
  })

  it('writes SARIF that names each rule once', async () => {
    write('a.yaml', pod('chat:latest'))
    write('b.yaml', pod('chat').replace('name: chat', 'name: b'))
    const [said] = await lint('a.yaml', 'b.yaml', '--format', 'sarif')
    const { version, runs } = JSON.parse(said)
    expect(version).toBe('2.1.0')
    expect(runs[0].tool.driver.rules).toMatchObject([
      { id: 'latest_tag', defaultConfiguration: { level: 'warning' } },
    ])
    expect(runs[0].results).toMatchObject([
      {
        ruleId: 'latest_tag',
        ruleIndex: 0,
        level: 'warning',
        locations: [{ physicalLocation: { artifactLocation: { uri: 'a.yaml' }, region: { startLine: 9 } } }],
      },
      { ruleId: 'latest_tag', locations: [{ physicalLocation: { artifactLocation: { uri: 'b.yaml' } } }] },
    ])
  })

  it('keeps to the width of the terminal, but for words that are to be pasted', async () => {
    write(
      'pod.yaml',
      pod('chat:latest', '    - { name: b, image: "b:1", env: [{ name: HF_TOKEN, value: abcdef }] }\n'),
    )
    terminal = recordingTerminal({ folder, columns: 60, color: true })
    const [said] = await lint('pod.yaml')
    expect(said).toContain('\u001b[33mharmful\u001b[39m')
    for (const line of said.split('\n'))
      if (line.trim().includes(' ')) expect(visibleLength(line)).toBeLessThanOrEqual(60)
  })

  it('without a path it checks what the config file becomes', async () => {
    writeFileSync(
      join(folder, 'hadal.config.json'),
      JSON.stringify({ deploy: { name: 'tiny', gpusPerReplica: 0 } }),
    )
    const [said, code] = await lint()
    expect(code).toBe(0)
    expect(said).toMatch(/objects of \d+ files$/)
    expect(said).not.toMatch(/harmful|rejected/)
  })
})
