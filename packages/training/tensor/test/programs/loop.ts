/** Makes tensors in a loop that never yields and owns none of them; prints how many were alive at most, and the memory. */

import { memory, torch } from '@hadal/tensor'

let most = 0
const rounds = 100_000
for (let i = 0; i < rounds; i++) {
  torch.ones([1000])
  if (i % 1000 === 0) most = Math.max(most, memory().liveTensors)
}
console.log(JSON.stringify({ rounds, most, peakBytes: memory().peakBytes, rss: process.memoryUsage.rss() }))
