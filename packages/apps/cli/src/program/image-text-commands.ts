/** Commands of dual-encoder models. */

import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'

const model = 'folder of a CLIP model in Hugging Face or open_clip layout'

export function addRetrieve(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('retrieve')
    .description('Measure text-to-image and image-to-text retrieval of a CLIP model.')
    .argument('<model>', model)
    .requiredOption(
      '--data <path>',
      'JSON Lines of {"image", "caption"}, or a folder of images with a .txt file for each',
    )
    .option('--report <file>', 'write an HTML report with the best and worst queries and their results')
    .option('--title <text>', 'title of the report')
    .option('--shown <number>', 'queries per list in the report', '8')
    .option(
      '--held-out <share>',
      'use this share of the images, with the same held-out split as training (default: all)',
    )
    .option('--threads <number>', 'number of libtorch threads (default: all available)')
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
    .description('Classify images: zero-shot by class names with a CLIP model, or with an ONNX classifier.')
    .argument('<model>', model)
    .argument('<images...>', 'image files or folders')
    .option(
      '--classes <names>',
      'cat,dog,... or a file with one class per line (default: the folder names of the images)',
    )
    .option('--template <text>', 'prompt with {} for the class; can be repeated', collect)
    .option('--top <number>', 'number of classes to show per image', '3')
    .option('--threads <number>', 'number of compute threads (default: all available)')
    .option('--json', 'print JSON')
    .action(async (given, images, flags) =>
      onExit(await (await import('../commands/classify.ts')).classify(given, images, flags, terminal)),
    )
}
