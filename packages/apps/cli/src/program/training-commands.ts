/** Training commands: run a recipe, inspect its data. */

import { addRunFlags } from '@hadal/launch/flags'
import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'
import { recipeArguments } from './recipe-arguments.ts'

export function addTrain(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const train = program
    .command('train')
    .description('Carry out a training recipe.')
    .usage('<recipe> [options]')
    .argument('<recipe>', 'a TypeScript or JavaScript file, or a folder with a train.ts or run.ts')
    .argument('[arguments...]', 'of a recipe that trains by itself, and of any behind --')
    .enablePositionalOptions()
    .passThroughOptions()
    .allowUnknownOption()
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nThe options are for recipes that export a run by default: docs/training.md. Others take what they like.',
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
    .description(
      'Train a few steps undisturbed, and again with interruptions, and compare the two to the bit.',
    )
    .usage('<recipe> [options]')
    .argument('<recipe>', 'one that exports a run by default')
    .argument('[options...]', 'as of `hadal train`')
    .option('--steps <number>', 'how many', '12')
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
    .description('Look at training data.')
    .helpCommand(false)
    .usage('<preview>')
    .command('preview')
    .description(
      'Tokens as a model will see them, which of them are learnt, how long rows are, and which are bad.',
    )
    .argument('<files...>', 'JSON lines, Parquet, or plain text')
    .requiredOption('--tokenizer <path>', 'a tokenizer.json, or the folder of a model')
    .option(
      '--template <template>',
      "a chat template: Jinja, a file or a name (default: the tokenizer's own)",
    )
    .addOption(
      new Option('--turns <which>', 'answers that are learnt').choices(['all', 'last']).default('all'),
    )
    .option('--rows <number>', 'how many are shown', '3')
    .option('--sample <number>', 'how many, from the beginning, the lengths are of', '1000')
    .option('--length <tokens>', 'of a window', '2048')
    .option('--text-field <name>', 'where a row keeps its text (default: text)')
    .option('--messages-field <name>', 'where a row keeps its conversation (default: messages)')
    .option('--skip-bad', 'leave bad rows out, and say which')
    .option('--json', 'print JSON')
    .action(async (files, flags) =>
      onExit((await import('../commands/data.ts')).previewData(files, flags, terminal)),
    )
}
