/** Adapters are loaded and unloaded while requests use them. */

import { join } from 'node:path'
import { root } from '../../../packages/apps/cli/test/hadal-process.ts'
import { writeAdapter } from '../../../packages/serving/engine/test/tiny-adapter.ts'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { serve, TemporaryFolder, works } from '../serving.ts'

export const adapters: Scenario = {
  name: 'adapters swapped under load',
  inject: 'LoRA adapters are loaded and unloaded through the API while requests select them',
  run: async (scale) => {
    using folder = new TemporaryFolder()
    const names = ['red', 'green', 'blue']
    for (const [index, name] of names.entries())
      writeAdapter(join(folder.path, name), join(root, 'models/nano/nano-q8_0.gguf'), { seed: index + 1 })
    await using serving = await serve(['--adapter-changes'])
    const requests = new Requests(serving.url)
    const operations = new Requests(serving.url, 'swap')
    const count = Math.max(6, Math.round(120 * scale))
    let isOver = false
    const load = (async () => {
      while (!isOver)
        await requests.load(12, 6, (index) => chat([...names, 'nano'][index % 4]!, 20, index % 2 === 0))
    })()
    let swapped = 0
    for (let index = 0; index < count; index += 1) {
      const name = names[index % names.length]!
      const load = { lora_name: name, lora_path: join(folder.path, name) }
      const { status } = await operations.send(load, { path: '/v1/load_lora_adapter' })
      if (status === 200) swapped += 1
      if (index % 3 > 0) await operations.send({ lora_name: name }, { path: '/v1/unload_lora_adapter' })
    }
    isOver = true
    await load
    const changes = await operations.account(0, 0)
    return await requests.account(swapped, (await works(serving.url)) ? swapped : 0, {
      problems: changes.problems,
      note: `${changes.requests} loads and unloads, of which ${changes.answered} succeeded`,
    })
  },
}
