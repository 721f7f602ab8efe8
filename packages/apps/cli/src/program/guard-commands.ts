/** The commands on the guard: ask it, measure it, attack it, teach it. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'

const roles = ['system', 'user', 'assistant', 'tool']

export function addGuard(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const guard = program
    .command('guard')
    .description('Ask, measure, attack and teach what stops prompt attacks.')
    .usage('<check|eval|attack|train|learn|audit>')
    .helpCommand(false)

  const check = guard
    .command('check')
    .description(
      'What the guard would do with a text, and why. `-` reads standard input, whatever bytes it has.',
    )
    .argument('<text>', 'the text, or - for standard input')
    .addOption(new Option('--role <role>', 'whose words they are').choices(roles).default('user'))
    .option('--key <name>', 'as if a key of this name asked, for policies of keys')
  addPolicyFlags(check)
    .option('--json', 'print the verdict as JSON')
    .addHelpText(
      'after',
      `
Exit codes:
  0  let through, also with a flag or redacted
  3  stopped: blocked, or answered with a reply
  1  something failed
  2  the command line or the configuration is wrong`,
    )
    .action(async (text, flags) =>
      onExit(await (await import('../commands/guard-check.ts')).guardCheck(text, flags, terminal)),
    )

  const evaluate = guard
    .command('eval')
    .description('Measure the guard on labelled texts, each by a guard that saw nothing of its source.')
    .argument('[data...]', 'JSONL files: {"text", "label": 1 for attacks or 0, "source", "lang"}')
    .addOption(
      new Option('--texts <which>', 'those of Hadal, or what people said of verdicts in the console').choices(
        ['bundled', 'trigger-words', 'reviews'],
      ),
    )
    .option('--as-is', 'never retrain: the guard has not seen the texts')
    .option('--also <files...>', 'JSONL that is trained on beside them, and not measured')
    .option('--rate <share>', 'false-positive rate, for each language, that recall is shown at', '0.01')
    .option('--thresholds-from <file>', 'recalibrate from benign texts of one’s own, also JSONL')
    .option(
      '--thresholds <file>',
      'where those go; name it as files.calibration in the policy',
      'guard-thresholds.json',
    )
    .option('--report <file>', 'write a page with the ROC curves')
    .option('--svg <file>', 'write the ROC curves alone')
    .option('--outcomes <file>', 'write what each check said of each text, as JSONL')
    .option('--json [file]', 'print JSON, or write it to a file')
  addPolicyFlags(evaluate)
  addEncoderFlag(evaluate)
  evaluate.action(async (data, flags) =>
    onExit(await (await import('../commands/guard-eval.ts')).guardEval(data, flags, terminal)),
  )

  const attack = guard
    .command('attack')
    .description('Try to get attacks past the guard by asking it again and again, as a caller could.')
    .option('--queries <number>', 'questions for each attack', '150')
    .option('--seeds <file>', 'JSONL of attacks to disguise (default: 25 that come with Hadal)')
    .option('--most <number>', 'of them, spread over the file', '40')
    .option(
      '--layers <list>',
      'layers that are also attacked alone; none: `-` (default: all that stop texts)',
    )
    .addOption(
      new Option('--oracle <what>', 'what a caller sees of an answer')
        .choices(['label', 'score'])
        .default('label'),
    )
    .addOption(new Option('--role <role>', 'whose words they are').choices(roles).default('user'))
    .option('--pause <time>', 'between questions of one caller, for the budget of a key', '1s')
    .option('--seed <number>', 'repeats the run', '1')
    .option('--show <number>', 'disguises that got through to print', '5')
    .option('--report <file>', 'write a page with the evasion curves')
    .option('--svg <file>', 'write the curves alone')
    .option('--json [file]', 'print JSON, or write it to a file')
  addPolicyFlags(attack)
  addEncoderFlag(attack)
  attack.action(async (flags) =>
    onExit(await (await import('../commands/guard-attack.ts')).guardAttack(flags, terminal)),
  )

  guard
    .command('train')
    .description('Train the classifier on labelled texts of one’s own beside those that come with Hadal.')
    .argument('<data...>', 'JSONL files: {"text", "label": 1 for attacks or 0, "source", "lang"}')
    .requiredOption('--out <file>', 'the weights; name them as files.classifier in the policy')
    .option('--only', 'on these texts alone, from nothing: without Hadal’s texts and weights')
    .option('--seed <number>', 'repeats the training', '1')
    .option('--json', 'print JSON')
    .action(async (data, flags) =>
      onExit(await (await import('../commands/guard-train.ts')).guardTrain(data, flags, terminal)),
    )

  guard
    .command('learn')
    .description('Teach the guard an attack that got through: whatever resembles it is stopped from then on.')
    .argument('[text]', 'the attack, or - for standard input')
    .option('--attacks <file>', 'what is learnt goes there (default: files.attacks of the policy)')
    .option('--benign <file>', 'JSONL of texts that it must not stop, beside those that come with Hadal')
    .option('--id <id>', 'its name in verdicts (default: one that is made up)')
    .option('--source <name>', 'where it came from')
    .option('--list', 'what was learnt')
    .option('--forget <id>', 'stop stopping it')
    .option('--config <file>', configDoc)
    .option('--json', 'print JSON')
    .action(async (text, flags) =>
      onExit(await (await import('../commands/guard-learn.ts')).guardLearn(text, flags, terminal)),
    )

  guard
    .command('audit')
    .description('What the guard of a service did: newest first.')
    .option('--file <file>', 'the audit (default: audit.file of the policy)')
    .option('--since <time>', 'a date, or how long ago: 2026-11-29, 2h')
    .option('--until <time>', 'the same')
    .addOption(
      new Option('--action <action>', 'only these').choices(['allow', 'flag', 'redact', 'reply', 'block']),
    )
    .option('--key <name>', 'of one key alone: its name or id')
    .option('--layer <layer>', 'where this layer found something')
    .option('--limit <number>', 'at most so many', '50')
    .option('--config <file>', configDoc)
    .option('--json', 'print JSON')
    .action(async (flags) =>
      onExit(await (await import('../commands/guard-audit.ts')).guardAudit(flags, terminal)),
    )
}

const configDoc = 'the config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if there)'

const addPolicyFlags = (command: Command): Command =>
  command
    .option('--config <file>', configDoc)
    .option('--preset <name>', 'a policy in place of the config’s: default, strict, watch, guide or off')

const addEncoderFlag = (command: Command): Command =>
  command.option(
    '--encoder <model>',
    'compare by a GGUF model that embeds, in place of the built-in encoders',
  )
