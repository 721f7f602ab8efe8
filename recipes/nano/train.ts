// Trains Hadal's Llama-shaped nano model from nothing to a chat-capable GGUF on this machine: tokenizer, pretraining,
// instruction tuning, export. Copy it and change what you like: the model is in sizes.ts, the way in train-nano.ts.
//
//   npx tsx --conditions=@hadal/source recipes/nano/data/build.ts        the data
//   npx tsx --conditions=@hadal/source recipes/nano/train.ts             the model, in about 45 minutes
//
// --quick         a tiny model on a little data, which it makes itself: the whole way in under two minutes
// --minutes 45    how long to train; decides the number of steps when the run begins
// --steps N       steps of each stage; overrides --minutes
// --threads 2     of libtorch; on a machine with other work to do, 1 can be faster
// --data, --run, --out    folders of data, checkpoints and the exported model
//
// Started again after Ctrl-C or a crash, it goes on from the newest checkpoint.

import { fullSize, quickSize } from './sizes.ts'
import { trainNano } from './train-nano.ts'

await trainNano({ name: 'nano', title: 'Hadal Nano', fullSize, quickSize })
