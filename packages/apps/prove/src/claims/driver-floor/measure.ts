/** Asks the doctor about drivers of every age. */

import { seededRandom } from '@hadal/batching'
import type { ClaimContext } from '../../claim.ts'
import { askedCommand, type Command, judgedAnswer, realDriver } from './ask-doctor.ts'
import type { Raw } from './judge.ts'
import { drawnVersion, edges } from './versions.ts'

export async function measure(context: ClaimContext): Promise<Raw> {
  const { mode, seed, signal, note } = context
  const random = seededRandom(seed)
  const drawn = Array.from({ length: mode === 'full' ? 5000 : 200 }, () => drawnVersion(random))
  const asked = mode === 'full' ? edges : ['470.57.01', '470.57.02']
  const commands: Command[] = []
  for (const driver of asked) {
    const command = await askedCommand(context, driver, driver)
    note(`driver ${driver}: ${command.severity}`)
    commands.push(command)
  }
  const driver = await realDriver(signal)
  return {
    seed,
    judged: [...edges, ...drawn].map(judgedAnswer),
    commands,
    ...(driver !== undefined && { real: await askedCommand(context, undefined, driver) }),
  }
}
