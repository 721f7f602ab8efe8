/** Training commands: run a recipe, inspect its data. */

import { addRunFlags } from '@hadal/launch/flags'
import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'
import { recipeArguments } from './recipe-arguments.ts'

export function addTrain(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const train = program
    .command('train')
    .description('Run a training recipe.')
    .usage('<recipe> [options]')
    .argument('<recipe>', 'a TypeScript or JavaScript file, or a folder with a train.ts or run.ts')
    .argument('[arguments...]', 'arguments for a standalone recipe, or for any recipe after --')
    .enablePositionalOptions()
    .passThroughOptions()
    .allowUnknownOption()
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nFor recipes with a run as default export (docs/training.md). Others define their own.',
    )
  addRunFlags(train).action(async (recipe, rest, _flags, command: Command) =>
    onExit(
      await (await import('../commands/train.ts')).train(
        recipe,
        [...flagsBefore(command), ...rest],
        terminal,
      ),
    ),
  )
  train
    .command('verify-resume')
    .description('Train a few steps with and without interruptions, and compare the results bit by bit.')
    .usage('<recipe> [options]')
    .argument('<recipe>', 'a recipe with a run as default export')
    .argument('[options...]', 'options of `hadal train`')
    .option('--steps <number>', 'number of steps', '12')
    .allowUnknownOption()
    .action(async (recipe, _rest, { steps }, command: Command) => {
      const { verifyResume } = await import('../commands/verify-resume.ts')
      onExit(await verifyResume(recipe, steps, recipeArguments(program, command), terminal))
    })
}

/** Raw arguments before the recipe. */
function flagsBefore(command: Command): string[] {
  return command.options.flatMap((option) => {
    const value: unknown = command.getOptionValue(option.attributeName())
    if (value === undefined || value === false) return []
    return value === true ? [option.long!] : [option.long!, String(value)]
  })
}

export function addData(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('data')
    .description('Inspect training data.')
    .helpCommand(false)
    .usage('<preview>')
    .command('preview')
    .description('Show tokens as the model sees them, the loss mask, row lengths and invalid rows.')
    .argument('<files...>', 'JSON Lines, Parquet or plain text')
    .requiredOption('--tokenizer <path>', 'tokenizer.json or a model folder')
    .option(
      '--template <template>',
      'chat template: Jinja source, a file or a name (default: the tokenizer’s template)',
    )
    .addOption(
      new Option('--turns <which>', 'assistant turns that contribute to the loss')
        .choices(['all', 'last'])
        .default('all'),
    )
    .option('--rows <number>', 'number of rows to show', '3')
    .option('--sample <number>', 'number of rows sampled from the start for length statistics', '1000')
    .option('--length <tokens>', 'window length', '2048')
    .option('--text-field <name>', 'row field with the text (default: text)')
    .option('--messages-field <name>', 'row field with the conversation (default: messages)')
    .option('--skip-bad', 'skip invalid rows and report them')
    .option('--json', 'print JSON')
    .action(async (files, flags) =>
      onExit((await import('../commands/data.ts')).previewData(files, flags, terminal)),
    )
}
