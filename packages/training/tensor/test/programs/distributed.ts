/** One process of a group: plays the parts that its arguments name and prints what came out of each as a line of JSON. */

import { once } from 'node:events'
import {
  copyToGroup,
  type DType,
  exchange,
  gatherFromGroup,
  grad,
  joinProcessGroup,
  type ProcessGroup,
  reduceFromGroup,
  scatterToGroup,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'

const [names, port, rank, size, timeout] = process.argv.slice(2) as [string, ...string[]]
setNumThreads(1)
process.send!('loaded')
await once(process, 'message')
// Who leaves early is missed by the others: where one is lost, those that are left go when the test has heard all of them.
const staysForOthers = names.startsWith('forever')
if (!staysForOthers) process.disconnect()
const group = await joinProcessGroup({
  masterAddr: '127.0.0.1',
  masterPort: Number(port),
  rank: Number(rank),
  worldSize: Number(size),
  timeoutMillis: Number(timeout),
})

const dtypes: DType[] = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
]

/** Row r of member m is 10 m + r, so that every element says where it came from. */
const rows = (count: number, dtype: DType = 'float32'): Tensor =>
  torch
    .arange(count)
    .add(10 * group.rank)
    .to(dtype)
    .reshape([count, 1])

function collectives(): unknown {
  const n = group.size
  const sum = torch.ones([3]).mul(group.rank + 1)
  group.allReduce_(sum)
  const most = rows(2)
  group.allReduce_(most, 'max')
  const least = rows(2)
  group.allReduce_(least, 'min')
  const strided = torch.zeros([2, 3])
  group.allReduce_(strided.t().get(0).add_(group.rank))
  const sent = rows(2)
  group.broadcast_(sent, n - 1)
  const column = torch.full([2, 2], group.rank)
  group.broadcast_(column.t(), 1)
  // Member m sends m + i rows to member i.
  const to = group.ranks.map((i) => group.rank + i)
  const total = to.reduce((a, b) => a + b, 0)
  const works = Array.from({ length: 8 }, (_, i) => {
    const tensor = torch.full([1000], i + group.rank)
    return { tensor, work: group.startAllReduce(tensor) }
  })
  for (const { work } of works) work.wait()
  const reduceScatter = group.startReduceScatter(rows(2 * n))
  return {
    sum: sum.toArray(),
    most: most.toArray(),
    least: least.toArray(),
    strided: strided.toArray(),
    sent: sent.toArray(),
    column: column.toArray(),
    gathered: group.allGather(rows(2)).toArray(),
    scattered: reduceScatter.wait().toArray(),
    swapped: group.allToAll(rows(total), to, to).toArray(),
    // Member m has m rows.
    uneven: [
      group.allGather(rows(group.rank), group.ranks).toArray(),
      group.reduceScatter(rows((n * (n - 1)) / 2), group.ranks).toArray(),
    ],
    empty: group.allGather(torch.zeros([0, 2])).shape,
    works: works.map(({ tensor }) => tensor.get(0).item()),
  }
}

function everyDtype(): unknown {
  return Object.fromEntries(
    dtypes.map((dtype) => {
      const sum = torch.ones([3]).to(dtype)
      group.allReduce_(sum)
      return [
        dtype,
        [
          sum.dtype,
          sum.toArray(),
          group.allGather(rows(1, dtype)).toArray(),
          group.reduceScatter(torch.ones([group.size]).to(dtype)).toArray(),
          group.allToAll(
            rows(group.size, dtype),
            group.ranks.map(() => 1),
            group.ranks.map(() => 1),
          ).dtype,
        ],
      ]
    }),
  )
}

/** A sum in 16 bits is rounded once: 256 and ones are not lost one by one. */
function roundedOnce(): unknown {
  const mine = torch.full([group.size], group.rank === 0 ? 256 : 1).bfloat16()
  return group.reduceScatter(mine).toArray()
}

function subgroups(): unknown {
  const half = group.size / 2
  const low = group.subgroup(group.ranks.slice(0, half))
  const high = group.subgroup(group.ranks.slice(half))
  const mine = low ?? high!
  const alone = group.subgroup([0])
  const sum = torch.ones([1]).mul(group.rank)
  mine.allReduce_(sum)
  const within = mine.subgroup([...mine.ranks].reverse())!
  return { ranks: mine.ranks, sum: sum.item(), alone: alone?.size ?? 0, rank: [mine.rank, within.rank] }
}

/** The gradient of each function, from a loss whose weights differ by member. */
function gradients(): unknown {
  const n = group.size
  const x = torch
    .arange(4 * n)
    .reshape([2, 2 * n])
    .add(group.rank)
    .float()
    .requiresGrad_()
  const cases: Record<string, (x: Tensor) => Tensor> = {
    copy: (x) => copyToGroup(x, group),
    reduce: (x) => reduceFromGroup(x, group),
    gather0: (x) => gatherFromGroup(x, 0, group),
    gather1: (x) => gatherFromGroup(x, -1, group),
    scatter1: (x) => scatterToGroup(x, 1, group),
    scatter0: (x) => scatterToGroup(x.t(), 0, group),
    exchange: (x) =>
      exchange(
        x.t(),
        group.ranks.map((i) => (i + 1 === n ? n + 1 : 1)),
        group.ranks.map(() => (group.rank + 1 === n ? n + 1 : 1)),
        group,
      ),
  }
  return Object.fromEntries(
    Object.entries(cases).map(([name, f]) => {
      const y = f(x)
      const weight = torch
        .arange(y.numel)
        .reshape([...y.shape])
        .float()
        .mul(group.rank + 1)
      const [dx] = grad(y.mul(weight).sum(), [x])
      return [name, [y.toArray(), dx!.toArray()]]
    }),
  )
}

function store(): unknown {
  if (group.rank === 0) group.store.set('word', 'héllo')
  const text = group.store.get('word', 5000)
  group.barrier()
  let missing = ''
  try {
    group.store.get('nothing', 50)
  } catch (error) {
    missing = (error as Error).message
  }
  const has = [group.store.has('word'), group.store.has('nothing')]
  group.barrier()
  return { text, has, missing }
}

/** Sums for ever; the test ends or stops one of the processes meanwhile. */
function forever(): unknown {
  console.log(JSON.stringify('ready'))
  const tensor = torch.ones([1000])
  for (;;) group.allReduce_(tensor.fill_(1))
}

/** The same with the sum in the backward pass. */
function foreverBack(): unknown {
  console.log(JSON.stringify('ready'))
  const x = torch.ones([1000]).requiresGrad_()
  for (;;) grad(copyToGroup(x, group).sum(), [x])
}

/** Ends with a collective under way that the others never take part in. */
function leaveEarly(): unknown {
  if (group.rank > 0) return 'gone'
  group.startAllReduce(torch.ones([10]))
  return 'left'
}

function closed(): unknown {
  const work = group.startAllReduce(torch.ones([10]))
  work.wait()
  group.barrier()
  group.close()
  group.close()
  return failureOf(() => group.allReduce_(torch.ones([1])))
}

function mistakes(): unknown {
  return [
    failureOf(() => group.allReduce_(torch.ones([1]), 'mean' as 'sum')),
    failureOf(() => group.broadcast_(torch.ones([1]), group.size)),
    failureOf(() => group.allGather(torch.tensor(1))),
    failureOf(() => group.reduceScatter(torch.ones([group.size + 1]))),
    failureOf(() => group.allToAll(torch.ones([3]), [1], [2])),
    failureOf(() => group.allGather(torch.ones([3]), [1, 1])),
    failureOf(() => group.reduceScatter(torch.ones([3]), [1, 1])),
    failureOf(() => scatterToGroup(torch.ones([2, group.size + 1]), 1, group)),
    failureOf(() => group.subgroup([7])),
    failureOf(() => group.subgroup([])),
    failureOf(() => {
      const x = torch.ones([1]).requiresGrad_()
      return grad(copyToGroup(x, group).pow(3), [x], { createGraph: true })
    }),
  ]
}

function failureOf(body: () => unknown): unknown {
  try {
    return { value: String(body()) }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { code, message }
  }
}

const parts: Record<string, () => unknown> = {
  collectives,
  everyDtype,
  roundedOnce,
  subgroups,
  gradients,
  store,
  forever,
  foreverBack,
  leaveEarly,
  closed,
  mistakes,
}
for (const name of names.split(',')) {
  const answer = failureOf(() => JSON.stringify(parts[name]!())) as { value?: string }
  console.log(answer.value ?? JSON.stringify(answer))
}
if (staysForOthers) {
  await once(process, 'message')
  process.disconnect()
}
if (names !== 'leaveEarly') (group as ProcessGroup).close()
