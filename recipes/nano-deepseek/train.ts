// Trains the nano model in the architecture of DeepSeek-V3 (latent attention, mixture of experts) on the data of recipes/nano, from
// nothing to a chat-capable GGUF. The model is in sizes.ts, the way in ../nano/train-nano.ts, and the flags are those of
// ../nano/train.ts.
//
//   npx tsx --conditions=@hadal/source recipes/nano/data/build.ts
//   npx tsx --conditions=@hadal/source recipes/nano-deepseek/train.ts

import { trainNano } from '../nano/train-nano.ts'
import { fullSize, quickSize } from './sizes.ts'

await trainNano({ name: 'nano-deepseek', title: 'Hadal Nano DeepSeek', fullSize, quickSize })
