/** The images: what the Dockerfiles and the compose files promise, read from them. Nothing is built here. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeFile, dockerfile } from '@hadal/fleet'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { packageFolders } from '../../../../scripts/package-folders.mjs'
import { gpuNode, laptop, vllm8gpu } from './deployments.ts'

const root = join(import.meta.dirname, '../../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Instruction {
  readonly name: string
  readonly value: string
  /** The stage it stands in; the first instructions stand in none. */
  readonly stage: string
}

/** Instructions with their continued lines in one. */
function instructionsOf(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
  let stage = ''
  return lines.map((line) => {
    const [, name, value] = /^([A-Z]+) +(.*)$/.exec(line)!
    if (name === 'FROM') stage = / AS (\S+)$/.exec(value!)?.[1] ?? 'last'
    return { name: name!, value: value!.trim(), stage }
  })
}

const own = instructionsOf(read('Dockerfile'))
const published = instructionsOf(dockerfile({ version: '1.2.3', packages: ['onnxruntime-node@1.30.0'] }))
const both = [
  ['of the repository', own, 'serve'],
  ['of a release', published, 'last'],
] as const

/** Instructions of a stage and of the stages it is built from. */
function inStage(all: readonly Instruction[], stage: string): Instruction[] {
  const mine = all.filter((each) => each.stage === stage)
  const from = mine.find(({ name }) => name === 'FROM')!.value.split(' ')[0]!
  return all.some((each) => each.stage === from) ? [...inStage(all, from), ...mine] : mine
}
/** The default of the first instruction, `ARG NODE_IMAGE`. */
const defaultImage = (all: readonly Instruction[]): string => all[0]!.value.replace(/^NODE_IMAGE=/, '')
const last = (all: readonly Instruction[], name: string): string | undefined =>
  all.findLast((each) => each.name === name)?.value

describe.each(both)('the Dockerfile %s', (_, all, stage) => {
  const final = inStage(all, stage)

  it('pins one base image by digest, in one place', () => {
    const stages = new Set(all.map((each) => each.stage))
    const bases = all.filter(({ name }) => name === 'FROM').map(({ value }) => value.split(' ')[0]!)
    const images = [defaultImage(all), ...bases].filter((base) => base !== '$' + '{NODE_IMAGE}')
    expect(images.filter((image) => !stages.has(image))).toEqual([defaultImage(published)])
    expect(defaultImage(published)).toMatch(/^\S+:\d+[\w.-]*@sha256:[0-9a-f]{64}$/)
    expect(all.map(({ value }) => value).join('\n')).not.toMatch(/:latest\b/)
  })

  it('runs as a non-root numeric user, and writes to one folder', () => {
    expect(last(final, 'USER')).toBe('10001:10001')
    expect(last(final, 'VOLUME')).toBe('/var/lib/hadal')
    expect(last(final, 'WORKDIR')).toBe('/var/lib/hadal')
    const variables = final
      .filter(({ name }) => name === 'ENV')
      .map(({ value }) => value)
      .join(' ')
    expect(variables).toContain('HOME=/var/lib/hadal')
    expect(variables).toContain('NODE_ENV=production')
    // After that nothing is installed or changed.
    const user = final.findIndex(({ name }) => name === 'USER')
    expect(final.slice(user).some(({ name }) => name === 'RUN' || name === 'COPY')).toBe(false)
  })

  it('has no build tools in what runs, and no secrets in any stage', () => {
    for (const { name, value } of final)
      if (name === 'RUN') expect(value).not.toMatch(/g\+\+|\bmake\b|python3|npm (ci|install|rebuild)/)
    for (const { name, value } of all) {
      if (name === 'ARG' || name === 'ENV') expect(value).not.toMatch(/key|token|secret|password/i)
      expect(name).not.toBe('ADD')
    }
    for (const { value } of all.filter(({ value: text }) => text.includes('apt-get install')))
      expect(value).toMatch(/--no-install-recommends.*rm -rf \/var\/lib\/apt\/lists/)
  })

  it('says how it is, and what it is', () => {
    const health = last(final, 'HEALTHCHECK')!
    const [, command] = /CMD (\[.*\])$/.exec(health)!
    const [node, flag, program] = JSON.parse(command!) as string[]
    expect([node, flag]).toEqual(['node', '-e'])
    expect(() => new Function(program!)).not.toThrow()
    expect(program).toContain('/ready')
    expect(health).toContain('--start-period=')
    expect(last(final, 'ENTRYPOINT')).toBe('["hadal"]')
    expect(last(final, 'STOPSIGNAL')).toBe('SIGTERM')
    const labels = final
      .filter(({ name }) => name === 'LABEL')
      .map(({ value }) => value)
      .join(' ')
    for (const label of ['title', 'licenses', 'version'])
      expect(labels).toContain(`org.opencontainers.image.${label}=`)
  })
})

describe('the Dockerfile of the repository', () => {
  it('copies what is there, and what its stages made', () => {
    const stages = new Set(own.map(({ stage }) => stage))
    for (const { value } of own.filter(({ name }) => name === 'COPY')) {
      const [, from, sources] = /^(?:--from=(\S+) )?(.+) \S+$/.exec(value)!
      if (from !== undefined) expect(stages.has(from)).toBe(true)
      else for (const source of sources!.split(' ')) expect(existsSync(join(root, source)), source).toBe(true)
    }
  })

  it('takes along what each package has for those who install it', () => {
    const taken = own.map(({ value }) => value).join('\n')
    for (const folder of packageFolders()) {
      const { files } = JSON.parse(read(`${folder}/package.json`)) as { files: readonly string[] }
      // Models are copied as they lie in the repository.
      for (const each of files.filter((name) => !/^(dist|models|!.*)$/.test(name)))
        expect(taken).toContain(`${folder}/${each}`)
    }
    expect(taken).toContain('packages/*/*/dist')
    expect(taken).toMatch(/^models models$/m)
  })

  it('is of the version that packages are', () => {
    const { version } = JSON.parse(read('packages/apps/cli/package.json')) as { version: string }
    for (const { value } of own.filter(({ name, value }) => name === 'ARG' && value.startsWith('VERSION')))
      expect(value).toBe(`VERSION=${version}`)
  })

  it('has a target for training, with libtorch and without a compiler', () => {
    const final = inStage(own, 'train')
    const installed = final.find(({ value }) => value.includes('apt-get install'))!.value
    expect(installed).toContain('libtorch2.6')
    expect(installed).not.toMatch(/-dev|g\+\+/)
    expect(last(final, 'USER')).toBe('10001:10001')
  })

  it('is not given what a checkout grows, nor what it does not copy', () => {
    const ignored = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    for (const grown of ['**/node_modules', '**/dist', '**/build', '.git', '**/*.env', 'runs'])
      expect(ignored).toContain(grown)
    const copied = own.flatMap(({ name, value }) =>
      name === 'COPY' && !value.startsWith('--from') ? value.split(' ').slice(0, -1) : [],
    )
    /** Whole paths, or with `**` a name anywhere. */
    const isIgnored = (path: string, pattern: string): boolean =>
      pattern.startsWith('**/')
        ? path.split('/').includes(pattern.slice(3))
        : `${path}/`.startsWith(`${pattern}/`)
    for (const source of copied) expect(ignored.filter((pattern) => isIgnored(source, pattern))).toEqual([])
  })
})

describe('a compose file', () => {
  // biome-ignore lint/suspicious/noExplicitAny: it is looked into.
  type Any = any
  const compose = (...given: Parameters<typeof composeFile>): Any => parse(composeFile(...given))

  it('starts a service that may write to its volume and to nothing else, for this box alone', () => {
    const { services, volumes } = compose(laptop, { config: './hadal.config.json' })
    for (const service of Object.values<Any>(services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'] })
      expect(service.security_opt).toEqual(['no-new-privileges:true'])
      expect(service.image).toMatch(/:v?\d/)
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
      for (const volume of service.volumes) {
        const [from, , mode] = volume.split(':')
        expect(from in volumes || mode === 'ro').toBe(true)
      }
    }
    expect(services.hadal).toMatchObject({
      command: ['serve', '--config', '/opt/hadal/config/hadal.config.json'],
      env_file: ['./hadal.env'],
      stop_grace_period: `${laptop.gateway.times.terminationGraceSeconds}s`,
    })
    expect(services.hadal.healthcheck.test[0]).toBe('CMD')
    expect(compose(laptop).services.hadal.command).toEqual(['serve'])
  })

  it('starts Prometheus only with its profile, and scrapes the service by name', () => {
    const { services, configs } = compose(laptop)
    expect(services.prometheus.profiles).toEqual(['monitoring'])
    const prometheus = parse(configs.prometheus.content)
    expect(prometheus.scrape_configs[0].static_configs[0]).toEqual({
      targets: ['hadal:8080'],
      labels: { job: 'hadal' },
    })
    expect(prometheus.alerting.alertmanagers[0].static_configs[0].targets).toEqual(['alertmanager:9093'])
  })

  it('gives the embedded engine its GPUs, and none where others compute', () => {
    const devices = (deployment: typeof laptop): unknown =>
      compose(deployment).services.hadal.deploy?.resources.reservations.devices
    expect(devices(gpuNode)).toEqual([{ driver: 'nvidia', count: 1, capabilities: ['gpu'] }])
    expect(devices(laptop)).toBeUndefined()
    expect(devices(vllm8gpu)).toBeUndefined()
  })

  it('of the repository is the one for its Dockerfile', () => {
    expect(read('compose.yaml')).toBe(composeFile(laptop, { build: { context: '.', target: 'serve' } }))
  })
})
