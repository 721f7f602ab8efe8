/** The wall clock jumps: requests are answered, and usage is recorded once. */

import { join } from 'node:path'
import { compilerMissing, Injector } from '../injector.ts'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { compareUsage, createKey, serve, TemporaryFolder, works } from '../serving.ts'

const hour = 3600
/** Within one month, so that usage stays in the month that is read. */
const jumps = [hour, -hour, 60, -60, 0]

export const clock: Scenario = {
  name: 'clock jumps',
  inject:
    'LD_PRELOAD: the wall clock of the gateway and its engine jumps forward and back by an hour and a minute',
  unavailable: compilerMissing,
  run: async (scale) => {
    using folder = new TemporaryFolder()
    const database = join(folder.path, 'accounts.sqlite')
    const key = createKey(database)
    const injector = new Injector(folder)
    await using serving = await serve(['--database', database], { env: injector.env })
    const requests = new Requests(serving.url)
    let [survived, injected] = [0, 0]
    for (let round = 0; round < Math.max(1, 2 * scale); round += 1)
      for (const seconds of jumps) {
        const load = requests.load(Math.max(6, 30 * scale), 6, () => chat('nano', 8, true), { key })
        injector.set({ seconds })
        await load
        injected += 1
        if (await works(serving.url, { key })) survived += 1
      }
    injector.set()
    const note = await compareUsage(serving, database, requests, survived)
    return await requests.account(injected, survived, { note })
  },
}
