/** Loads libtorch on the main thread and in three workers at once, and uses it in all of them. */

import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { grad, leaks, manualSeed, scope, torch } from '@hadal/tensor'

function work(): number {
  let last = 0
  for (let i = 0; i < 200; i++) {
    scope(() => {
      const x = torch.full([20, 20], 0.5).requiresGrad_()
      const [gradient] = grad(x.matmul(x).sum(), [x])
      last = gradient!.sum().item() as number
    })
  }
  // Left to the garbage collector and to the end of the thread.
  for (let i = 0; i < 1000; i++) torch.ones([100])
  return last
}

if (isMainThread) {
  manualSeed(1)
  const workers = [1, 2, 3].map(() => new Worker(new URL(import.meta.url)))
  const answers = workers.map(
    (worker) => new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject)),
  )
  const here = work()
  const there = await Promise.all(answers)
  await Promise.all(workers.map((worker) => worker.terminate()))
  console.log(JSON.stringify({ here, there, alive: leaks().count > 0 }))
} else {
  parentPort!.postMessage(work())
}
