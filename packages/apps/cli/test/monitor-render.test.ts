/** `hadal monitor render` and `test`, in the process, and against a real server. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDeployment } from '@hadal/cluster'
import { fileChecks, namesCheck } from '@hadal/monitoring'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { programPath, whyNoPrograms } from '../../../operations/fleet/test/programs.ts'
import { main } from '../src/main.ts'
import { HadalProcess } from './hadal-process.ts'
import { recordingTerminal } from './recording-terminal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-monitor-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function hadal(...args: string[]) {
  const terminal = recordingTerminal({ folder, env: { PATH: process.env.PATH } })
  const code = await main(['monitor', ...args], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

const configure = (values: object): void =>
  writeFileSync(join(folder, 'hadal.config.json'), JSON.stringify(values))
const oneWebhook = { receivers: [{ name: 'ops', webhook: 'http://127.0.0.1:9/alerts' }] }

describe('hadal monitor render', () => {
  it('writes everything that watches a service, without a config file too, and what has changed when asked again', async () => {
    const first = await hadal('render')
    expect(first.code).toBe(0)
    for (const path of [
      'rules/rules.yaml',
      'rules/rules-test.yaml',
      'alertmanager.yml',
      'dashboards/serving.json',
    ]) {
      expect(first.printed).toContain(`monitor/${path}`)
      expect(existsSync(join(folder, 'monitor', path))).toBe(true)
    }
    expect(existsSync(join(folder, 'monitor/prometheus.yml'))).toBe(false)
    expect(first.noted).toContain('alerts are not sent to anyone')

    configure({ deploy: { monitoring: 'annotations' }, monitor: oneWebhook })
    const second = await hadal('render')
    expect(second.printed).toContain('monitor/prometheus.yml')
    expect(second.printed).not.toContain('dashboards/training.json')
    expect(second.noted).toBe('')
  })

  it('watches what runs here, also where it could not be deployed', async () => {
    configure({ model: './weights.gguf', modelId: 'mine', guard: { checkModules: ['./check.mjs'] } })
    expect(await hadal('render')).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder, 'monitor/rules/rules.yaml'), 'utf8')).toContain('HadalEngineRestarts')
    const terminal = recordingTerminal({ folder, env: {} })
    await expect(loadDeployment({}, terminal)).rejects.toMatchObject({ code: 'deploy_invalid' })
  })

  it('overwrites no file that was edited by hand, and refuses folders with other files', async () => {
    await hadal('render')
    writeFileSync(join(folder, 'monitor/alertmanager.yml'), 'mine')
    expect(await hadal('render')).toMatchObject({
      code: 1,
      noted: expect.stringContaining('deploy_file_changed'),
    })
    expect(await hadal('render', '--force')).toMatchObject({ code: 0 })
    expect(await hadal('render', '--out', '.')).toMatchObject({
      code: 1,
      noted: expect.stringContaining('taken'),
    })
  })

  it('repeats no key of the config', async () => {
    const secret = ['not', 'to', 'be', 'seen'].join('-')
    configure({
      apiKeys: [secret],
      adminKeys: [`${secret}-2`],
      database: `postgres://u:${secret}@h/d`,
      monitor: oneWebhook,
    })
    const { printed, noted } = await hadal('render')
    const files = ['alertmanager.yml', 'rules/rules.yaml', 'dashboards/serving.json']
    const texts = files.map((path) => readFileSync(join(folder, 'monitor', path), 'utf8'))
    expect([printed, noted, ...texts].join('\n')).not.toContain(secret)
  })

  it('says what is wrong with a receiver, and with which exit code', async () => {
    configure({ monitor: { receivers: [{ name: 'ops', webhook: 'http://u:hidden-word@h/' }] } })
    const { code, noted } = await hadal('render')
    expect(code).toBe(2)
    expect(noted).toContain('monitor.receivers[0].webhook seems to contain a key')
    expect(noted).not.toContain('hidden-word')
  })
})

const whyNot = whyNoPrograms('promtool', 'amtool', 'prometheus', 'alertmanager')

describe.skipIf(whyNot !== undefined)(`hadal monitor test ${whyNot ?? ''}`, () => {
  it('says where nothing answers', async () => {
    const { code, noted } = await hadal('test', '--url', 'http://127.0.0.1:9')
    expect(code).toBe(1)
    expect(noted).toContain('error[target_unreachable]: http://127.0.0.1:9/metrics')
  })

  it('fails where files are wrong, each check by itself', async () => {
    await hadal('render')
    const rule = { alert: 'A', expr: 'up == 0' }
    const expected = { eval_time: '1m', alertname: 'A', exp_alerts: [{}] }
    const file = (name: string, text: string): void => writeFileSync(join(folder, 'monitor', name), text)
    file('rules/rules.yaml', JSON.stringify({ groups: [{ name: 'g', rules: [rule] }] }))
    file(
      'rules/rules-test.yaml',
      JSON.stringify({ rule_files: ['rules.yaml'], tests: [{ alert_rule_test: [expected] }] }),
    )
    const routes = readFileSync(join(folder, 'monitor/alertmanager.yml'), 'utf8')
    file('alertmanager.yml', routes.replace('receiver: nobody', 'receiver: nobody-else'))
    file('prometheus.yml', 'rule_files: [missing.yaml]')
    const deployment = await loadDeployment({}, recordingTerminal({ folder, env: {} }))
    const monitoring = { ...deployment.monitoring, how: 'annotations' as const }
    const tools = {
      promtool: programPath('promtool'),
      amtool: programPath('amtool'),
      folder: join(folder, 'monitor'),
    }
    const checks = fileChecks({ ...deployment, monitoring }, tools)
    const outcomes = await Promise.all(checks.map(async ({ name, run }) => [name, (await run()).isOk]))
    expect(Object.fromEntries(outcomes)).toEqual({
      'promtool check rules': true,
      'promtool test rules': false,
      'promtool check config': false,
      'amtool check-config': false,
      'amtool config routes test severity=page': false,
      'amtool config routes test severity=ticket': false,
    })
  })

  it('says which names a server does not have, once each', async () => {
    const missing = {
      name: 'vllm:num_request_waiting',
      label: undefined,
      expression: '',
      nearest: 'vllm:num_requests_waiting',
    }
    const label = { ...missing, name: 'up', label: 'modell', nearest: undefined }
    expect(await namesCheck([missing, label, missing], 'http://h').run()).toEqual({
      isOk: false,
      said: 'nobody exports vllm:num_request_waiting; did you mean vllm:num_requests_waiting? (asked for 2 times)\nup has no label modell',
    })
    expect(await namesCheck([], undefined).run()).toEqual({ isOk: true, said: '' })
  })

  it('finds nothing wrong with what is rendered and with a real server, which monitor up reads', async () => {
    const monitor = { ...oneWebhook, scrapeIntervalMillis: 500, evaluationIntervalMillis: 500 }
    configure({ monitor, threads: 1 })
    await using server = new HadalProcess(['serve', '--port', '0'], {
      cwd: folder,
      env: { XDG_STATE_HOME: folder },
    })
    const [, url] = await server.printed(/(http:\/\/127\.0\.0\.1:\d+)\/v1\b/)
    const looked = await hadal(
      ...['up', '--once', '--url', url!, '--state', 'state', '--port', '0', '--alertmanager-port', '0'],
    )
    expect(looked.printed).toMatch(/hadal {3}up {2}http/)
    expect(looked.printed).toContain('notifies ops')
    expect(looked.code).toBe(0)
    expect(await hadal('test', '--url', url!)).toMatchObject({
      code: 0,
      printed: [
        'ok     promtool check rules',
        'ok     promtool test rules',
        'ok     amtool check-config',
        'ok     amtool config routes test severity=page',
        'ok     amtool config routes test severity=ticket',
        'ok     promtool check metrics',
        `ok     names of metrics, at ${url}`,
      ].join('\n'),
    })
  })
})
