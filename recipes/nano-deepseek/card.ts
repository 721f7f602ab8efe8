// Writes the card of the DeepSeek-shaped nano model, in the form of the other's (../nano/card.ts), with both side by side.
//
//   npx tsx --conditions=@hadal/source recipes/nano-deepseek/card.ts
//
// --run runs/nano-deepseek      folder of the run: plan and metrics
// --out models/nano-deepseek    folder of the model: its GGUF and evaluation.json; the card goes there

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeCard } from '../nano/card.ts'
import { comparison } from './comparison.ts'
import { publishedRun } from './published-run.ts'
import { fullSize } from './sizes.ts'

const { values: folders } = parseArgs({
  options: {
    run: { type: 'string', default: 'runs/nano-deepseek' },
    out: { type: 'string', default: 'models/nano-deepseek' },
  },
})
const llamaFolder = fileURLToPath(new URL('../../models/nano', import.meta.url))
writeCard(folders, {
  recipe: 'nano-deepseek',
  size: fullSize,
  run: publishedRun,
  place:
    'It comes with Hadal alongside nano, a Llama of the same size that knows more, to have a model of this architecture at hand.',
  start: 'npm start -- --model nano-deepseek',
  comparison: (facts) => comparison(facts, llamaFolder),
})
