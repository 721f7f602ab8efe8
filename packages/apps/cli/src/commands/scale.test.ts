import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { deploymentManifests, loadDeployment } from '@hadal/cluster'
import type { Manifest, ScalerPlan } from '@hadal/fleet'
import type { ScalerStatus } from '@hadal/scaling'
import { describe, expect, it } from 'vitest'
import type { FakeKubernetesOptions } from '../../test/fake-kubernetes/fake-kubernetes.ts'
import { type RecordingTerminal, recordingTerminal } from '../../test/recording-terminal.ts'
import { type ScaleLab, scaleLab } from '../../test/scale-lab.ts'
import { main } from '../main.ts'
import { scale } from './scale.ts'
import { scaleStatus } from './scale-status.ts'

type Requested = Parameters<NonNullable<FakeKubernetesOptions['forbids']>>[0]

interface Said {
  readonly code: number
  readonly printed: string
  readonly noted: string
}

/** Runs `hadal ...args` against the lab's cluster and Prometheus. */
async function hadal(lab: ScaleLab, ...args: readonly string[]): Promise<Said> {
  const terminal = recordingTerminal({ folder: lab.folder, env: { KUBECONFIG: lab.fake.kubeconfig } })
  const code = await main(args, terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

/** Writes the scaler's ConfigMap as `hadal deploy render` does, with metrics that stay current. */
function withPlan(lab: ScaleLab, plan: Partial<ScalerPlan> = {}): void {
  writeFileSync(
    join(lab.folder, 'scaler.json'),
    JSON.stringify({ ...lab.plan, prometheusUrl: lab.prometheus.url, ...plan }),
  )
  lab.prometheus.now = () => Date.now()
}

const config = {
  model: 'nano',
  scaling: { autoscaler: 'hadal', maxReplicas: 6 },
  deploy: {
    gpusPerReplica: 0,
    monitoring: 'annotations',
    prometheusUrl: 'http://127.0.0.1:9',
    namespace: 'hadal',
  },
}
const withConfig = (lab: ScaleLab, given: object = {}): void =>
  writeFileSync(join(lab.folder, 'hadal.config.json'), JSON.stringify({ ...config, ...given }))

describe('hadal scale', () => {
  it('looks once, does it, and says what and why', async () => {
    await using lab = await scaleLab()
    withPlan(lab)
    lab.says({ busy: 190, latency: 100 })
    const said = await hadal(lab, 'scale', '--plan', 'scaler.json', '--once', '--json')
    expect(said.code, said.noted).toBe(0)
    expect(lab.replicas()).toBe(3)
    expect(said.noted).toMatch(/info {2}qwen3-8b: 2 to 3 engines: each is 95 % busy, above 70 %.*reason=busy/)
    const { models } = JSON.parse(said.printed)
    expect(models[0]).toMatchObject({ model: 'qwen3-8b', replicas: 2, maxReplicas: 8, fault: null })
    expect(models[0].decisions[0]).toMatchObject({ action: 'up', from: 2, to: 3, reason: 'busy' })
  })

  it('changes nothing with --dry-run, and logs JSON with --log-format json', async () => {
    await using lab = await scaleLab()
    withPlan(lab)
    lab.says({ busy: 190 })
    const flags = ['--plan', 'scaler.json', '--once', '--dry-run', '--log-format', 'json']
    const said = await hadal(lab, 'scale', ...flags)
    expect(said.code).toBe(0)
    expect(lab.replicas()).toBe(2)
    const [line] = said.noted.split('\n').map((each) => JSON.parse(each))
    expect(line).toMatchObject({ level: 'info', model: 'qwen3-8b', action: 'up', from: 2, to: 3 })
    expect(line.msg).toContain('would be 2 to 3 engines')
  })

  it('exits with code 3 when it could not observe or act', async () => {
    await using lab = await scaleLab()
    withPlan(lab)
    lab.fake.store.remove(lab.fake.store.get('Deployment', 'hadal', lab.model.target.name)!)
    const said = await hadal(lab, 'scale', '--plan', 'scaler.json', '--once')
    expect(said.code).toBe(3)
    expect(said.noted).toMatch(/no decision: Deployment hadal\/hadal-engine is not there.*scale_target_gone/)
  })

  it('may do what the rendered Role grants, and needs no more', async () => {
    let rules: readonly {
      apiGroups: string[]
      resources: string[]
      resourceNames?: string[]
      verbs: string[]
    }[] = []
    const forbids = ({ verb, resource, group, name }: Requested): boolean =>
      !rules.some(
        (rule) =>
          rule.verbs.includes(verb) &&
          rule.resources.includes(resource) &&
          rule.apiGroups.includes(group) &&
          (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))),
      )
    await using lab = await scaleLab({ kubernetes: { forbids } })
    withConfig(lab)
    const deployment = await loadDeployment({}, recordingTerminal({ folder: lab.folder }))
    const manifests = deploymentManifests(deployment)
    const role = manifests.find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'hadal-scaler')
    rules = (role as Manifest & { rules: typeof rules }).rules
    withPlan(lab)
    lab.says({ busy: 190 })
    // Twice: the Lease is made, then taken.
    for (let look = 0; look < 2; look++) {
      const said = await hadal(lab, 'scale', '--plan', 'scaler.json', '--once')
      expect(said.code, said.noted).toBe(0)
      expect(said.noted).not.toContain('may not')
    }
    expect(lab.replicas()).toBe(3)
    expect(lab.fake.store.list('Event', 'hadal').map(({ reason }) => reason)).toContain('ScaledUp')
    rules = rules.filter(({ verbs }) => !verbs.includes('patch'))
    lab.says({ busy: 290 })
    lab.setReplicas(2)
    await hadal(lab, 'scale', '--plan', 'scaler.json', '--once')
    expect(lab.replicas()).toBe(2)
  })

  it('serves its decisions until it is stopped, and releases its Lease', async () => {
    await using lab = await scaleLab()
    withPlan(lab, { checkIntervalMillis: 100 })
    lab.says({ busy: 190 })
    const terminal = recordingTerminal({ folder: lab.folder, env: { KUBECONFIG: lab.fake.kubeconfig } })
    const stop = new AbortController()
    const end = scale({ plan: 'scaler.json', listen: '127.0.0.1:0' }, terminal, { signal: stop.signal })
    const url = await printedUrl(terminal)
    const get = async (path: string): Promise<Response> => fetch(`${url}${path}`)
    await expect
      .poll(async () => ((await (await get('/decisions')).json()) as ScalerStatus).models[0]?.decisions ?? [])
      .not.toEqual([])
    expect(await (await get('/health')).json()).toMatchObject({ status: 'ok', isLeader: true })
    expect(await (await get('/metrics')).text()).toMatch(/hadal_scale_is_leader 1/)
    expect((await get('/other')).status).toBe(404)
    expect((await fetch(`${url}/decisions`, { method: 'POST', body: 'x' })).status).toBe(405)
    const shown = recordingTerminal()
    expect(await scaleStatus({ url }, shown)).toBe(0)
    expect(shown.printed.join('\n')).toMatch(/leads\n\nqwen3-8b {2}[23] engines/)
    stop.abort('SIGTERM')
    expect(await end).toBe(0)
    expect(lab.fake.store.get('Lease', 'hadal', lab.plan.name)!.spec).toMatchObject({ holderIdentity: '' })
    expect(terminal.noted.at(-1)).toContain('stopped; engines are unchanged')
  })

  it.each([
    [['--json'], 2, /--json requires --once/],
    [['--log-format', 'xml'], 2, /--log-format must be text or json/],
    [['--prometheus', 'prometheus:9090'], 2, /is not an http or https URL/],
    [['--prometheus-token-file', 'nowhere'], 2, /error\[scale_token_unreadable\]/],
    [['--plan', 'scaler.json', '-n', 'chat'], 2, /--namespace cannot be combined with --plan/],
    [['--plan', 'nowhere.json'], 2, /error\[scale_plan_unreadable\].*ENOENT/],
    [['--plan', 'hadal.config.json'], 2, /error\[scale_plan_unreadable\].*version must be 1, got undefined/],
    [['--kubeconfig', 'nowhere'], 1, /error\[cluster_config_invalid\]/],
  ])('%j is refused', async (flags, code, said) => {
    await using lab = await scaleLab()
    withConfig(lab)
    const refused = await hadal(lab, 'scale', ...flags)
    expect([refused.code, refused.noted]).toEqual([code, expect.stringMatching(said)])
  })

  it.each([
    ['none', /scaling.autoscaler is none/],
    ['hpa', /two autoscalers would overwrite/],
  ])('refuses to run alongside autoscaler %s', async (autoscaler, said) => {
    await using lab = await scaleLab()
    withConfig(lab, { scaling: { autoscaler } })
    const refused = await hadal(lab, 'scale', '--once')
    expect([refused.code, refused.noted]).toEqual([2, expect.stringMatching(said)])
    expect(refused.noted).toContain('error[scale_nothing]')
  })

  it('refuses an address that is taken', async () => {
    await using lab = await scaleLab()
    withPlan(lab)
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    const refused = await hadal(lab, 'scale', '--plan', 'scaler.json', '--listen', `127.0.0.1:${port}`)
    taken.close()
    expect([refused.code, refused.noted]).toEqual([1, expect.stringContaining('error[scale_listen_failed]')])
  })

  it('asks with a token or with the name that the URL has, and shows neither', async () => {
    await using lab = await scaleLab()
    const token = ['secret', 'token', '7'].join('-')
    writeFileSync(join(lab.folder, 'token'), `${token}\n`)
    const withName = lab.prometheus.url.replace('//', `//reader:${token}@`)
    withPlan(lab, { prometheusUrl: withName })
    lab.says({ busy: 60 })
    const byName = await hadal(lab, 'scale', '--plan', 'scaler.json', '--once', '--verbose', '--json')
    const basic = Buffer.from(`reader:${token}`).toString('base64')
    expect(lab.prometheus.requested[0]!.authorization).toBe(`Basic ${basic}`)
    const file = join(lab.folder, 'token')
    const flags = ['--prometheus', lab.prometheus.url, '--prometheus-token-file', file]
    const byToken = await hadal(lab, 'scale', '--plan', 'scaler.json', '--once', ...flags)
    expect(lab.prometheus.requested.at(-1)!.authorization).toBe(`Bearer ${token}`)
    for (const { printed, noted } of [byName, byToken]) expect(printed + noted).not.toContain(token)
  })
})

describe('hadal scale status', () => {
  it('says who leads, how many there are and why, and what cannot be believed, from the Lease alone', async () => {
    await using lab = await scaleLab()
    withConfig(lab)
    withPlan(lab)
    lab.says({ busy: 190, latency: 'NaN' })
    await hadal(lab, 'scale', '--plan', 'scaler.json', '--once')
    lab.says({ busy: undefined, backlog: 3 })
    const stop = new AbortController()
    const terminal = recordingTerminal({ folder: lab.folder, env: { KUBECONFIG: lab.fake.kubeconfig } })
    const times = { durationSeconds: 3600, renewMillis: 50 }
    const flags = { plan: 'scaler.json', listen: '127.0.0.1:0' }
    const end = scale(flags, terminal, { signal: stop.signal, times })
    await expect.poll(async () => (await hadal(lab, 'scale', 'status')).printed).toContain('stale')
    const said = await hadal(lab, 'scale', 'status')
    const json = await hadal(lab, 'scale', 'status', '--json')
    stop.abort('SIGTERM')
    await end
    expect(said.code).toBe(0)
    expect(said.printed).toMatch(
      /^\S+ leads for \d+s\n\nqwen3-8b {2}3 engines, \d ready {2}1 to 8 {2}Deployment hadal\/hadal-engine\n/,
    )
    expect(said.printed).toContain('unusable  busy: the series does not exist')
    expect(Math.max(...said.printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(JSON.parse(json.printed)).toMatchObject({
      version: 1,
      models: [{ model: 'qwen3-8b', replicas: 3 }],
    })
    // There is no leader; the last decision is still recorded.
    const after = await hadal(lab, 'scale', 'status')
    expect(after.code).toBe(3)
    expect(after.printed).toContain('no leader: engines are unchanged')
    expect(after.printed).toContain('qwen3-8b')
  })

  it('says that there is none', async () => {
    await using lab = await scaleLab()
    withConfig(lab)
    const said = await hadal(lab, 'scale', 'status')
    expect([said.code, said.noted]).toEqual([1, expect.stringContaining('error[scale_unknown]')])
  })

  it.each([
    ['a page', '<!doctype html>', /not JSON/],
    ['something else', '{"version":2}', /no list of decisions/],
    ['decisions that are none', '{"version":1,"leader":null,"models":[{"model":1}]}', /no list of decisions/],
    ['no leader', '{"version":1,"models":[]}', /has no leader/],
  ])('of %s at --url says what came', async (_what, answer, said) => {
    const server = createServer((_request, response) => void response.end(answer)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const requested = scaleStatus({ url: `http://127.0.0.1:${port}` }, recordingTerminal())
      await expect(requested).rejects.toMatchObject({
        code: 'scale_status_unreadable',
        message: expect.stringMatching(said),
      })
    } finally {
      server.close()
    }
  })
})

async function printedUrl(terminal: RecordingTerminal): Promise<string> {
  const url = (): string | undefined => /on (http:\S+)/.exec(terminal.noted.join('\n'))?.[1]
  await expect.poll(url).toBeDefined()
  return url()!
}
