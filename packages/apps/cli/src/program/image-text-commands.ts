/** Commands of dual-encoder models. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

const model = 'a folder of a CLIP, as Hugging Face or open_clip keep it'

export function addRetrieve(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('retrieve')
    .description('Measure how well a CLIP finds images by their captions, and captions by their images.')
    .argument('<model>', model)
    .requiredOption(
      '--data <path>',
      'JSON lines of {"image", "caption"}, or a folder of images with a .txt beside each',
    )
    .option('--report <file>', 'write a page with the best and the worst queries, and what they found')
    .option('--title <text>', 'of the page')
    .option('--shown <number>', 'queries in each list of the page', '8')
    .option('--held-out <share>', 'take this share of the images, as training holds it out (default: all)')
    .option('--threads <number>', 'of libtorch (default: all there are)')
    .option('--json', 'print JSON')
    .action(async (given, flags) =>
      onExit(await (await import('../commands/retrieve.ts')).retrieve(given, flags, terminal)),
    )
}

export function addClassify(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const collect = (value: string, before: readonly string[] | undefined): string[] => [
    ...(before ?? []),
    value,
  ]
  program
    .command('classify')
    .description(
      'Tell what images show: by the names of classes alone, with a CLIP, or with an ONNX model that knows them.',
    )
    .argument('<model>', model)
    .argument('<images...>', 'files, or folders of them')
    .option(
      '--classes <names>',
      'cat,dog,... or a file with one a line (default: the folders that the images lie in)',
    )
    .option('--template <text>', 'a sentence with {} for the class; several may be given', collect)
    .option('--top <number>', 'classes shown of each image', '3')
    .option('--threads <number>', 'that compute (default: all there are)')
    .option('--json', 'print JSON')
    .action(async (given, images, flags) =>
      onExit(await (await import('../commands/classify.ts')).classify(given, images, flags, terminal)),
    )
}
