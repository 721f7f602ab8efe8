/** Process groups between real processes on this machine: what collectives give, their gradients, and who is lost. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { distributedBackends, grad, joinProcessGroup, type Tensor, torch } from '@hadal/tensor'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../kernel/base/test/free-port.ts'
import { programFile } from '../../../kernel/base/test/program-file.ts'

const program = programFile(import.meta.url, './programs/distributed.ts')

interface Member {
  readonly child: ChildProcess
  /** What it printed, line by line, when it has ended. */
  readonly ended: Promise<{ answers: unknown[]; code: number | null; signal: string | null; stderr: string }>
  /** Its first line. */
  readonly first: Promise<void>
  /** Its second message: a rank that sums for ever reports a lost peer. They wait for `leave` then. */
  readonly second: Promise<void>
}

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function startGroup(
  part: string,
  size: number,
  timeoutMillis = 300_000,
  taken?: number,
): Promise<Member[]> {
  const port = taken ?? (await freePort())
  const loaded: Promise<unknown>[] = []
  const members = Array.from({ length: size }, (_, rank) => {
    const args = [program, part, port, rank, size, timeoutMillis].map(String)
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    children.push(child)
    loaded.push(once(child, 'message'))
    let text = ''
    let stderr = ''
    const lineOf = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.split('\n').length > count) resolve()
        }
        child.stdout!.on('data', look)
        child.on('close', () => resolve())
      })
    child.stdout!.on('data', (chunk) => (text += chunk))
    const [first, second] = [lineOf(1), lineOf(2)]
    child.stderr!.on('data', (chunk) => (stderr += chunk))
    const ended = new Promise<Awaited<Member['ended']>>((resolve) => {
      child.on('close', (code, signal) => {
        const lines = text.trim().split('\n').filter(Boolean)
        resolve({ answers: lines.map((line) => JSON.parse(line)), code, signal, stderr })
      })
    })
    return { child, ended, first, second }
  })
  // They join at the same time, so a timeout does not include the time to load.
  await Promise.all(loaded)
  for (const { child } of members) child.send('join')
  return members
}

type End = Awaited<Member['ended']>

/** Ends when all members of an endless all-reduce loop have detected that one is lost. */
async function endOf(members: [Member, ...Member[]]): Promise<[End, ...End[]]> {
  await Promise.all(members.map(({ second }) => second))
  for (const { child } of members) if (child.connected) child.send('leave')
  return Promise.all(members.map(({ ended }) => ended)) as Promise<[End, ...End[]]>
}

/** What each of the members answered to each part. */
async function play<Part extends string>(size: number, ...parts: Part[]): Promise<Record<Part, unknown[]>> {
  const members = await startGroup(parts.join(), size)
  const ends = await Promise.all(members.map(({ ended }) => ended))
  for (const { code, stderr } of ends) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const answersTo = (at: number): unknown[] => ends.map(({ answers }) => answers[at])
  return Object.fromEntries(parts.map((part, at) => [part, answersTo(at)])) as Record<Part, unknown[]>
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const total = (values: number[]): number => values.reduce((a, b) => a + b, 0)

type Part = 'collectives' | 'everyDtype' | 'gradients' | 'roundedOnce' | 'store' | 'mistakes'

describe.each([2, 4])('%d processes', (n) => {
  let played: Record<Part, unknown[]>
  beforeAll(async () => {
    played = await play(n, 'collectives', 'everyDtype', 'gradients', 'roundedOnce', 'store', 'mistakes')
  })

  it('do every collective', () => {
    for (const [rank, answer] of played.collectives.entries()) {
      const swapped = range(n).flatMap((m) => {
        const before = total(range(rank).map((i) => m + i))
        return range(m + rank).map((r) => [10 * m + before + r])
      })
      expect(answer).toEqual({
        sum: Array(3).fill((n * (n + 1)) / 2),
        most: [[10 * (n - 1)], [10 * (n - 1) + 1]],
        least: [[0], [1]],
        strided: [
          [total(range(n)), 0, 0],
          [total(range(n)), 0, 0],
        ],
        sent: [[10 * (n - 1)], [10 * (n - 1) + 1]],
        column: [
          [1, 1],
          [1, 1],
        ],
        gathered: range(n).flatMap((m) => [[10 * m], [10 * m + 1]]),
        scattered: [0, 1].map((r) => [total(range(n).map((m) => 10 * m + 2 * rank + r))]),
        swapped,
        uneven: [
          range(n).flatMap((m) => range(m).map((r) => [10 * m + r])),
          range(rank).map((r) => [total(range(n).map((m) => 10 * m + (rank * (rank - 1)) / 2 + r))]),
        ],
        empty: [0, 2],
        works: range(8).map((i) => n * i + total(range(n))),
      })
    }
  })

  it('reduce and move every dtype', () => {
    for (const answer of played.everyDtype as Record<string, unknown[]>[]) {
      for (const [dtype, results] of Object.entries(answer)) {
        const [of, sum, gathered, scattered, moved] = results
        const bool = dtype === 'bool'
        expect([of, moved]).toEqual([dtype, dtype])
        expect(sum, dtype).toEqual(Array(3).fill(bool ? true : n))
        expect(gathered, dtype).toEqual(range(n).map((m) => [bool ? m > 0 : 10 * m]))
        expect(scattered, dtype).toEqual([bool ? true : n])
      }
    }
  })

  it('have the gradients of one process that does it all', () => {
    const expected = reference(n)
    const answers = played.gradients as Record<string, [number[][], number[][]]>[]
    for (const [rank, answer] of answers.entries()) {
      for (const [name, [y, dx]] of Object.entries(answer)) {
        expect(y, `${name} of ${rank}`).toEqual(expected[name]![rank]![0])
        expect(dx, `gradient of ${name} of ${rank}`).toEqual(expected[name]![rank]![1])
      }
    }
  })

  it('add 16-bit floats up in float32 and round once', () => {
    // One by one, 256 + 1 + 1 + 1 stays 256 in bfloat16; 257 is a tie between 256 and 258.
    expect(played.roundedOnce).toEqual(Array(n).fill([n === 4 ? 260 : 256]))
  })

  it('leave texts for each other', () => {
    for (const answer of played.store as { missing: string }[]) {
      expect(answer).toMatchObject({ text: 'héllo', has: [true, false] })
      expect(answer.missing).toContain("store.get('nothing'): nobody set it within 50 ms")
    }
  })

  it('refuse what makes no sense, before anything is sent', () => {
    const says = [
      ['tensor_argument_invalid', "'sum', 'max' or 'min'"],
      ['tensor_argument_invalid', `from 0 to ${n - 1}`],
      ['tensor_argument_invalid', 'no dimension 0'],
      ['tensor_argument_invalid', `multiple of the group's ${n}`],
      ['tensor_argument_invalid', 'splits are row counts'],
      ['tensor_argument_invalid', n === 2 ? 'the rows that it gives' : 'splits are row counts'],
      ['tensor_argument_invalid', n === 2 ? 'splits must add up' : 'splits are row counts'],
      ['tensor_argument_invalid', 'dimension 1 must be a multiple'],
      ['tensor_distributed_invalid', `rank 7 is not in the group of ranks ${range(n).join(', ')}`],
      ['tensor_distributed_invalid', 'no list of different ranks'],
      ['tensor_argument_invalid', 'a collective has no second derivative'],
    ] as const
    for (const answer of played.mistakes as { code: string; message: string }[][]) {
      for (const [i, [code, words]] of says.entries()) {
        expect(answer[i]!.code).toBe(code)
        expect(answer[i]!.message).toContain(words)
      }
    }
  })
})

/** What `gradients` of the program gives, in one process: the results and the gradients of all members' x. */
function reference(n: number): Record<string, [unknown, unknown][]> {
  const xs = range(n).map((m) =>
    torch
      .arange(4 * n)
      .reshape([2, 2 * n])
      .add(m)
      .float()
      .requiresGrad_(),
  )
  const add = (a: Tensor, b: Tensor): Tensor => a.add(b)
  const sum = xs.reduce(add)
  const splits = range(n).map((i) => (i + 1 === n ? n + 1 : 1))
  const sentTo = (i: number): Tensor[] => xs.map((x) => torch.splitWithSizes(x.t(), splits, 0)[i]!)
  const outputs: Record<string, Tensor[]> = {
    gather0: range(n).map(() => torch.cat(xs, 0)),
    gather1: range(n).map(() => torch.cat(xs, 1)),
    scatter1: torch.chunk(sum, n, 1),
    scatter0: torch.chunk(sum.t(), n, 0),
    exchange: range(n).map((i) => torch.cat(sentTo(i), 0)),
    copy: xs,
    reduce: range(n).map(() => sum),
  }
  const weight = (y: Tensor, m: number): Tensor =>
    torch
      .arange(y.numel)
      .reshape([...y.shape])
      .float()
      .mul(m + 1)
  const gradients = (name: string, ys: Tensor[]): Tensor[] => {
    // These two stand for one x that all members share, and for one loss that all of them compute.
    if (name === 'copy') return xs.map(() => ys.map(weight).reduce(add))
    if (name === 'reduce') return ys.map(weight)
    const loss = ys.map((y, m) => y.mul(weight(y, m)).sum()).reduce(add)
    return grad(loss, xs, { retainGraph: true })
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, ys]) => {
      const dxs = gradients(name, ys)
      return [name, ys.map((y, m) => [y.toArray(), dxs[m]!.toArray()])]
    }),
  )
}

it('makes groups of some members, within groups too', async () => {
  const { subgroups } = await play(4, 'subgroups')
  expect(subgroups).toEqual(
    [0, 1, 2, 3].map((rank) => ({
      ranks: rank < 2 ? [0, 1] : [2, 3],
      sum: rank < 2 ? 1 : 5,
      alone: rank === 0 ? 1 : 0,
      rank: [rank % 2, 1 - (rank % 2)],
    })),
  )
})

describe('a peer', () => {
  it.each(['forever', 'foreverBack'])('that is killed is reported at once (%s)', async (part) => {
    const members = await startGroup(part, 3)
    await Promise.all(members.map(({ first }) => first))
    members[1]!.child.kill('SIGKILL')
    for (const { answers, code } of await endOf([members[0]!, members[2]!])) {
      expect(code).toBe(0)
      expect(answers[1]).toMatchObject({ code: 'tensor_distributed_peer_lost' })
      const { message } = answers[1] as { message: string }
      expect(message).toContain('all-reduce of Float[1000] among ranks 0, 1, 2')
      expect(message).toContain('no word from rank 1')
    }
  })

  it('that hangs is reported after its timeout', async () => {
    const members = await startGroup('forever', 2, 10_000)
    await Promise.all(members.map(({ first }) => first))
    members[1]!.child.kill('SIGSTOP')
    const [{ answers }] = await endOf([members[0]!])
    members[1]!.child.kill('SIGKILL')
    expect(answers[1]).toMatchObject({ code: 'tensor_distributed_peer_lost' })
    expect((answers[1] as { message: string }).message).toContain('no word from rank 1')
  })

  it('that hangs is reported even when it hosts the store', async () => {
    const members = await startGroup('forever', 2, 10_000)
    await Promise.all(members.map(({ first }) => first))
    members[0]!.child.kill('SIGSTOP')
    const [{ answers }] = await endOf([members[1]!])
    members[0]!.child.kill('SIGKILL')
    expect(answers[1]).toMatchObject({ code: 'tensor_distributed_peer_lost' })
    expect((answers[1] as { message: string }).message).toContain('no word from rank 0')
  })

  it('that never comes fails the join', async () => {
    const options = { masterAddr: '127.0.0.1', masterPort: await freePort(), timeoutMillis: 300 }
    const joining = joinProcessGroup({ ...options, rank: 0, worldSize: 2 })
    await expect(joining).rejects.toMatchObject({ code: 'tensor_distributed_join_failed' })
  })
})

it('a port that is in use is reported as a single error, without output from c10d', async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const [first] = await startGroup('forever', 2, 10_000, port)
  const { code, stderr } = await first!.ended
  server.close()
  expect(code).toBe(1)
  expect(stderr).toContain('Address already in use')
  expect(stderr).not.toContain('[c10d]')
})

it('ends without waiting, whatever is under way', async () => {
  expect((await play(2, 'leaveEarly')).leaveEarly).toEqual(['left', 'gone'])
})

it('says that a group is closed', async () => {
  const answer = {
    code: 'tensor_distributed_closed',
    message: 'allReduce_: the process group is closed',
  }
  expect((await play(2, 'closed')).closed).toEqual([answer, answer])
})

describe('joining', () => {
  const options = { masterAddr: '127.0.0.1', masterPort: 1, rank: 0, worldSize: 1, timeoutMillis: 1000 }

  it('needs no peer for one process', async () => {
    const group = await joinProcessGroup(options)
    const x = torch.ones([2])
    group.allReduce_(x)
    group.barrier()
    expect(group.allGather(x).toArray()).toEqual([1, 1])
    expect(group.reduceScatter(x).toArray()).toEqual([1, 1])
    expect(group.subgroup([0])!.ranks).toEqual([0])
    group.store.set('word', 'text')
    expect([group.store.get('word', 1), group.store.has('other')]).toEqual(['text', false])
    expect(() => group.store.get('other', 1)).toThrow('alone')
    group.close()
    expect(() => group.barrier()).toThrow('closed')
  })

  it.each([{ worldSize: 0 }, { rank: 2, worldSize: 2 }, { masterPort: 0 }, { timeoutMillis: 0.5 }])(
    'refuses %o',
    async (wrong) => {
      const joining = joinProcessGroup({ ...options, ...wrong })
      await expect(joining).rejects.toMatchObject({ code: 'tensor_distributed_invalid' })
    },
  )

  it('says which backend the addon lacks, and how to get it', async () => {
    expect(distributedBackends()).toContain('gloo')
    const joining = joinProcessGroup({ ...options, worldSize: 2, backend: 'mpi' as 'gloo' })
    await expect(joining).rejects.toMatchObject({ code: 'tensor_distributed_unavailable' })
    await expect(joining).rejects.toThrow('no mpi, only gloo')
  })
})
