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
    .description('List the models on this machine.')
    .option(cacheDir, 'folder of downloaded models')
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
    .option(cacheDir, 'download folder')
    .option('--offline', 'only print the local path; never use the network')
    .option('--verify', 'verify local files and download damaged ones again')
    .action(async (ref, flags) =>
      onExit(await (await import('../commands/models.ts')).pullModel(ref, flags, terminal)),
    )
  models
    .command('inspect')
    .description('Show a model’s metadata.')
    .argument('<ref>', 'a bundled model, a path to a model or checkpoint, or a pulled model')
    .option(cacheDir, 'folder of downloaded models')
    .option('--json', 'print JSON')
    .action(async (ref, flags) =>
      onExit(await (await import('../commands/models.ts')).inspectModel(ref, flags, terminal)),
    )
}

export function addExport(program: Command, terminal: Terminal, onExit: (code: number) => void): void {
  program
    .command('export')
    .description('Export a trained model to a standard format and verify that its results are unchanged.')
    .argument('<folder>', 'a model in Hugging Face layout, or a run folder that contains one')
    .addOption(
      new Option('--format <format>', 'output format; onnx is for image classifiers')
        .choices(['gguf', 'safetensors', 'onnx'])
        .default('gguf'),
    )
    .option(
      '--type <type>',
      'gguf: F32, F16, BF16, Q8_0, Q4_K or Q4_0 (default: the type the run was trained for, otherwise Q8_0); safetensors: F32, F16 or BF16 (default: F32); adapter: F32, F16 or BF16 (default: F32, in safetensors unchanged)',
    )
    .requiredOption('--out <path>', 'output file for gguf and onnx, output folder for safetensors')
    .addOption(
      new Option(
        '--quantize <type>',
        'onnx: quantize weights and activations to 8 bits, with ranges from samples; quantization-aware models use their trained ranges',
      ).choices(['int8']),
    )
    .option('--calibration-rows <count>', 'onnx: number of calibration samples (default: 512)')
    .addOption(
      new Option('--observer <observer>', 'onnx: calibration method for ranges (default: histogram)').choices(
        ['histogram', 'min-max', 'moving-average'],
      ),
    )
    .option('--softmax', 'onnx: output probabilities instead of logits')
    .option('--adapter <folder>', 'a PEFT adapter, or a run that contains one, to merge into the weights')
    .option('--adapter-only', 'export only the adapter, to load with the model: GGUF or a PEFT folder')
    .option('--name <name>', 'model name in the file (default: the folder’s name)')
    .option('--json', 'print JSON')
    .action(async (folder, flags) =>
      onExit(await (await import('../commands/export.ts')).exportModel(folder, flags, terminal)),
    )
}
