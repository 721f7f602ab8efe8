/** The commands on the guard: ask it, measure it, attack it, teach it. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'

const roles = ['system', 'user', 'assistant', 'tool']

export function addGuard(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const guard = program
    .command('guard')
    .description('Check, evaluate, attack and train the prompt-attack guard.')
    .usage('<check|eval|attack|train|learn|audit>')
    .helpCommand(false)

  const check = guard
    .command('check')
    .description(
      'Show how the guard handles a text, and why. `-` reads standard input; any bytes are accepted.',
    )
    .argument('<text>', 'text to check, or - for standard input')
    .addOption(new Option('--role <role>', 'role of the text’s author').choices(roles).default('user'))
    .option('--key <name>', 'apply the policy of the key with this name')
  addPolicyFlags(check)
    .option('--json', 'print the verdict as JSON')
    .addHelpText(
      'after',
      `
Exit codes:
  0  allowed, including flagged or redacted
  3  blocked, or answered with a canned reply
  1  failure
  2  invalid command line or configuration`,
    )
    .action(async (text, flags) =>
      onExit(await (await import('../commands/guard-check.ts')).guardCheck(text, flags, terminal)),
    )

  const evaluate = guard
    .command('eval')
    .description('Evaluate the guard on labelled texts. Each source is held out from training.')
    .argument('[data...]', 'JSONL files: {"text", "label": 1 for attacks or 0, "source", "lang"}')
    .addOption(
      new Option('--texts <which>', 'bundled texts, or verdict reviews from the console').choices([
        'bundled',
        'trigger-words',
        'reviews',
      ]),
    )
    .option('--as-is', 'do not retrain; the texts are already held out')
    .option('--also <files...>', 'additional JSONL files for training only')
    .option('--rate <share>', 'false-positive rate per language at which recall is reported', '0.01')
    .option('--thresholds-from <file>', 'recalibrate from a JSONL file of your benign texts')
    .option(
      '--thresholds <file>',
      'output file for the thresholds; set it as files.calibration in the policy',
      'guard-thresholds.json',
    )
    .option('--report <file>', 'write a report with ROC curves')
    .option('--svg <file>', 'write only the ROC curves')
    .option('--outcomes <file>', 'write the result of each check for each text, as JSONL')
    .option('--json [file]', 'print JSON, or write it to a file')
  addPolicyFlags(evaluate)
  addEncoderFlag(evaluate)
  evaluate.action(async (data, flags) =>
    onExit(await (await import('../commands/guard-eval.ts')).guardEval(data, flags, terminal)),
  )

  const attack = guard
    .command('attack')
    .description('Try to evade the guard with repeated queries, as a client could.')
    .option('--queries <number>', 'queries per attack', '150')
    .option('--seeds <file>', 'JSONL of attacks to disguise (default: 25 bundled attacks)')
    .option('--most <number>', 'number of attacks to use, spread evenly over the file', '40')
    .option(
      '--layers <list>',
      'layers to attack separately as well; `-` for none (default: all blocking layers)',
    )
    .addOption(
      new Option('--oracle <what>', 'part of the response visible to the attacker')
        .choices(['label', 'score'])
        .default('label'),
    )
    .addOption(new Option('--role <role>', 'role of the text’s author').choices(roles).default('user'))
    .option('--pause <time>', 'pause between queries of a client, for key budgets', '1s')
    .option('--seed <number>', 'random seed of the run', '1')
    .option('--show <number>', 'number of successful disguises to print', '5')
    .option('--report <file>', 'write a report with evasion curves')
    .option('--svg <file>', 'write only the curves')
    .option('--json [file]', 'print JSON, or write it to a file')
  addPolicyFlags(attack)
  addEncoderFlag(attack)
  attack.action(async (flags) =>
    onExit(await (await import('../commands/guard-attack.ts')).guardAttack(flags, terminal)),
  )

  guard
    .command('train')
    .description('Train the classifier on your labelled texts in addition to the bundled ones.')
    .argument('<data...>', 'JSONL files: {"text", "label": 1 for attacks or 0, "source", "lang"}')
    .requiredOption('--out <file>', 'output file for the weights; set it as files.classifier in the policy')
    .option('--only', 'train from scratch on these texts only, without bundled texts and weights')
    .option('--seed <number>', 'random seed of the training', '1')
    .option('--json', 'print JSON')
    .action(async (data, flags) =>
      onExit(await (await import('../commands/guard-train.ts')).guardTrain(data, flags, terminal)),
    )

  guard
    .command('learn')
    .description('Teach the guard a missed attack, so that similar texts are blocked.')
    .argument('[text]', 'attack text, or - for standard input')
    .option('--attacks <file>', 'file of learnt attacks (default: files.attacks of the policy)')
    .option('--benign <file>', 'JSONL of texts that must not be blocked, in addition to the bundled ones')
    .option('--id <id>', 'id shown in verdicts (default: a generated id)')
    .option('--source <name>', 'source of the attack')
    .option('--list', 'list learnt attacks')
    .option('--forget <id>', 'forget a learnt attack')
    .option('--config <file>', configDoc)
    .option('--json', 'print JSON')
    .action(async (text, flags) =>
      onExit(await (await import('../commands/guard-learn.ts')).guardLearn(text, flags, terminal)),
    )

  guard
    .command('audit')
    .description('Show the guard’s audit log, newest first.')
    .option('--file <file>', 'audit file (default: audit.file of the policy)')
    .option('--since <time>', 'start: a date or an age, such as 2026-11-29 or 2h')
    .option('--until <time>', 'end, in the same format')
    .addOption(
      new Option('--action <action>', 'only this action').choices([
        'allow',
        'flag',
        'redact',
        'reply',
        'block',
      ]),
    )
    .option('--key <name>', 'only entries of this key: name or id')
    .option('--layer <layer>', 'only entries with a finding of this layer')
    .option('--limit <number>', 'maximum number of entries', '50')
    .option('--config <file>', configDoc)
    .option('--json', 'print JSON')
    .action(async (flags) =>
      onExit(await (await import('../commands/guard-audit.ts')).guardAudit(flags, terminal)),
    )
}

const configDoc = 'config file (default: hadal.config.ts, .mts, .js, .mjs or .json, if present)'

const addPolicyFlags = (command: Command): Command =>
  command
    .option('--config <file>', configDoc)
    .option(
      '--preset <name>',
      'policy to use instead of the configured one: default, strict, watch, guide or off',
    )

const addEncoderFlag = (command: Command): Command =>
  command.option('--encoder <model>', 'use a GGUF embedding model instead of the built-in encoders')
