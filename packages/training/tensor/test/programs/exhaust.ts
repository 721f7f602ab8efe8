/** Asks for more memory than the system gives, goes on, and says what it met. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { HadalError } from '@hadal/base'
import { grad, scope, torch } from '@hadal/tensor'

const mebi = 1024 ** 2
torch.ones([1]).matmul(torch.ones([1]))
const [size] = readFileSync('/proc/self/statm', 'latin1').split(' ').map(Number)
execFileSync('/usr/bin/prlimit', ['--pid', String(process.pid), `--as=${size! * 4096 + 256 * mebi}`])

const attempt = (body: () => unknown): string => {
  try {
    scope(body)
    return 'done'
  } catch (thrown) {
    return thrown instanceof HadalError ? `${thrown.code}: ${thrown.message}` : String(thrown)
  }
}
const x = torch.ones([mebi]).requiresGrad_(true)
console.log(attempt(() => torch.ones([512 * mebi])))
console.log(attempt(() => grad(x.repeat([32]).exp().sum(), [x])))
console.log(attempt(() => grad(x.exp().sum(), [x])))
