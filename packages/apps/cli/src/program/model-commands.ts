/** The commands on model files: find and download them, export trained ones. */

import type { Terminal } from '@hadal/output'
import { type Command, Option } from 'commander'

export function addModels(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  const models = program
    .command('models')
    .description('List, download and inspect models.')
    .helpCommand(false)
    .usage('<list|pull|inspect>')
  const cacheDir = '--cache-dir <folder>'
  models
    .command('list')
    .description('The models on this machine.')
    .option(cacheDir, 'where downloaded models are')
    .option('--json', 'print JSON')
    .action(async (flags) =>
      onExit(await (await import('../commands/models.ts')).listModels(flags, terminal)),
    )
  models
    .command('pull')
    .description('Download a model, or a newer version of one.')
    .argument(
      '<ref>',
      'hf:owner/repo:quant, hf:owner/repo/file.gguf, hf:owner/repo:safetensors, or an https URL',
    )
    .option(cacheDir, 'where to put it')
    .option('--offline', 'only say where it is; never use the network')
    .option('--verify', 'read what is there once more, and download again what is damaged')
    .action(async (ref, flags) =>
      onExit(await (await import('../commands/models.ts')).pullModel(ref, flags, terminal)),
    )
  models
    .command('inspect')
    .description('What a model says of itself.')
    .argument('<ref>', 'a bundled model, a path to a model or checkpoint, or one that was pulled')
    .option(cacheDir, 'where downloaded models are')
    .option('--json', 'print JSON')
    .action(async (ref, flags) =>
      onExit(await (await import('../commands/models.ts')).inspectModel(ref, flags, terminal)),
    )
}

export function addExport(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('export')
    .description(
      'Write a trained model as a file that others run, and prove that it is still the same model.',
    )
    .argument('<folder>', 'a model as Hugging Face keeps it, or a run folder that holds one')
    .addOption(
      new Option('--format <format>', 'what is written; onnx: models that tell images apart')
        .choices(['gguf', 'safetensors', 'onnx'])
        .default('gguf'),
    )
    .option(
      '--type <type>',
      'gguf: F32, F16, BF16, Q8_0, Q4_K or Q4_0 (default: what a run trained for, else Q8_0); safetensors: F32, F16 or BF16 (default: F32); an adapter: F32, F16 or BF16 (default: F32, in safetensors as it was)',
    )
    .requiredOption('--out <path>', 'a file for gguf and onnx, a folder for safetensors')
    .addOption(
      new Option(
        '--quantize <type>',
        'onnx: weights and activations in 8 bits, their ranges from samples; a model that was trained for it has its own without being asked',
      ).choices(['int8']),
    )
    .option('--calibration-rows <count>', 'onnx: samples that ranges are taken from (default: 512)')
    .addOption(
      new Option('--observer <observer>', 'onnx: how a range is taken (default: histogram)').choices([
        'histogram',
        'min-max',
        'moving-average',
      ]),
    )
    .option('--softmax', 'onnx: probabilities come out in place of logits')
    .option(
      '--adapter <folder>',
      'an adapter in the layout of PEFT, or a run that holds one, taken into the weights',
    )
    .option(
      '--adapter-only',
      'write the adapter alone, to be loaded beside the model: GGUF, or a folder of PEFT',
    )
    .option('--name <name>', 'in the file (default: as the folder is called)')
    .option('--json', 'print JSON')
    .action(async (folder, flags) =>
      onExit(await (await import('../commands/export.ts')).exportModel(folder, flags, terminal)),
    )
}
