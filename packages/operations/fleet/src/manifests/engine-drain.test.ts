import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { vllm8gpu } from '../../test/deployments.ts'
import { waitForIdle } from './engine-drain.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
const [engine] = vllm8gpu.engines

describe.skipIf(!hasPython)(
  `the wait before an engine is stopped${hasPython ? '' : ': python3 is missing'}`,
  () => {
    const run = async (port: number, role: 'leader' | 'worker' = 'leader'): Promise<number | null> => {
      const times = { ...engine!.times, preStopSeconds: 0 }
      const child = spawn('python3', ['-c', waitForIdle({ ...engine!, port, times }, role)], {
        env: { ...process.env, LWS_LEADER_ADDRESS: '127.0.0.1' },
      })
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    }

    it('is over when nothing runs and nothing waits', async () => {
      const answers = [
        'vllm:num_requests_running{engine="0",model_name="m"} 2.0\nvllm:num_requests_waiting{model_name="m"} 0.0',
        'vllm:num_requests_running{engine="0",model_name="m"} 0.0\nvllm:num_requests_waiting{model_name="m"} 1.0',
        '# HELP\nvllm:num_requests_running{engine="0",model_name="m"} 0.0\nvllm:num_requests_waiting{model_name="m"} 0.0',
      ]
      let requested = 0
      const server = createServer((_, response) => response.end(answers[requested++]))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      expect(await run(port)).toBe(0)
      expect(requested).toBe(3)
      server.close()
    })

    it('is over at once where no engine answers, for a leader and for its workers', async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await new Promise((closed) => server.close(closed))
      expect(await Promise.all([run(port), run(port, 'worker')])).toEqual([0, 0])
    })
  },
)
