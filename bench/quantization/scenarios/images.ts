/**
 * What a ResNet-18 of Fashion-MNIST loses on eight bits: in fp32, rounded after training, and trained to be rounded. Reads what
 * `recipes/quantized-images` left in runs/; every accuracy is that of the ONNX file in onnxruntime. How to round after training is
 * chosen on held-out training images; test images are read once, at the end.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '@hadal/base'
import { type FashionImages, fashionMnist, readFashionMnist, someFashionImages } from '@hadal/images'
import { setNumThreads } from '@hadal/tensor'
import { type ActivationObserver, type ImageModelFile, readImageModel, type Samples } from '@hadal/train'
import { folders } from '../../../recipes/quantized-images/options.ts'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { fromSource } from '../../training/contenders.ts'
import { accuracyOf, classesByModel, classesByOnnx, writeImageOnnx } from '../image-classes.ts'

export interface ImagesFlags {
  readonly rounds: number
  /** Of the IDX files. */
  readonly data: string
  /** Timed runs in each process. */
  readonly runs: number
}

interface Contender {
  readonly name: string
  readonly path: string
  readonly bytes: number
  readonly testAccuracy: number
  /** The part of some test images that libtorch, on the values of the integers where the model is quantised, gives the same class. */
  readonly agreement: number
}

interface Turn {
  readonly load: number
  /** Milliseconds by contender and batch. */
  readonly medianMs: readonly (readonly number[])[]
  readonly runtimeVersion: string
}

const { side } = fashionMnist
const batches = [1, 32] as const
/** Held-out training images, that an observer is chosen by. */
const chosenBy = 2000
/** Test images that are computed twice. */
const compared = 1000
const observers: readonly ActivationObserver[] = ['min-max', 'histogram']

export async function images({ rounds, data, runs }: ImagesFlags): Promise<void> {
  setNumThreads(1)
  const root = mkdtempSync(join(tmpdir(), 'hadal-quantized-images-'))
  try {
    const plain = readImageModel(join(folders.fp32, 'model'))
    const trained = readImageModel(join(folders.int8, 'model'))
    const train = readFashionMnist(data, 'train')
    const valid = samplesOf(someFashionImages(train, train.labels.length - chosenBy, train.labels.length))
    const rounded: Record<string, number> = {}
    for (const observer of observers) {
      const path = join(root, `${observer}.onnx`)
      writeImageOnnx(path, plain, observer)
      rounded[observer] = accuracyOf(await classesByOnnx(path, plain, valid), valid)
    }
    const best = observers.reduce((a, b) => (rounded[b]! > rounded[a]! ? b : a))
    const test = samplesOf(readFashionMnist(data, 't10k'))
    const contenders = [
      await contenderOf('fp32', plain, undefined, test, root),
      await contenderOf('int8, rounded after training', plain, best, test, root),
      await contenderOf('int8, trained to be rounded', trained, undefined, test, root),
    ]
    const turns: Turn[] = []
    for (let round = 0; round < rounds; round += 1) {
      turns.push(turnOf(contenders, runs))
      console.error(`round ${round + 1} of ${rounds}`)
    }
    const measured = { observer: best, heldOutByObserver: rounded, contenders: told(contenders), turns }
    writeReport('quantization-images', 'quantization', measured, (facts) =>
      page(facts, contenders, best, rounded, turns),
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

const samplesOf = ({ pixels, labels }: FashionImages): Samples => ({ shape: [1, side, side], pixels, labels })

const firstOf = ({ shape, pixels, labels }: Samples, count: number): Samples => ({
  shape,
  pixels: pixels.subarray(0, count * side ** 2),
  labels: labels.subarray(0, count),
})

async function contenderOf(
  name: string,
  file: ImageModelFile,
  observer: ActivationObserver | undefined,
  test: Samples,
  root: string,
): Promise<Contender> {
  const path = join(root, `${name.replaceAll(/\W+/g, '-')}.onnx`)
  writeImageOnnx(path, file, observer)
  const byOnnx = await classesByOnnx(path, file, test)
  const byModel = classesByModel(file, firstOf(test, compared), observer)
  return {
    name,
    path,
    bytes: statSync(path).size,
    testAccuracy: accuracyOf(byOnnx, test),
    agreement: byModel.filter((each, at) => each === byOnnx[at]).length / byModel.length,
  }
}

function turnOf(contenders: readonly Contender[], runs: number): Turn {
  const load = loadavg()[0]!
  const [program, ...args] = fromSource('../quantization/onnx-latency.ts')
  let runtimeVersion = ''
  const medianMs = contenders.map(({ path }) => {
    const printed = execFileSync(program!, [...args, path, String(runs), ...batches.map(String)], {
      encoding: 'utf8',
    })
    const found = JSON.parse(printed) as { medianMs: number[]; runtimeVersion: string }
    runtimeVersion = found.runtimeVersion
    return found.medianMs
  })
  return { load, medianMs, runtimeVersion }
}

/** Without where the files lay. */
const told = (contenders: readonly Contender[]): object[] => contenders.map(({ path: _, ...rest }) => rest)

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`

function page(
  { date, command, machine }: ReportFacts,
  contenders: readonly Contender[],
  best: ActivationObserver,
  rounded: Readonly<Record<string, number>>,
  turns: readonly Turn[],
): string {
  const [{ testAccuracy: whole }] = contenders as readonly [Contender]
  const rows = contenders.map(({ name, bytes, testAccuracy, agreement }, index) => [
    name,
    percent(testAccuracy),
    `${(100 * (testAccuracy - whole)).toFixed(2)}`,
    percent(agreement),
    `${(bytes / 1e6).toFixed(2)} MB`,
    ...batches.map(
      (_, batch) => `${median(turns.map((turn) => turn.medianMs[index]![batch]!)).toFixed(2)} ms`,
    ),
  ])
  const heads = [
    'ResNet-18, Fashion-MNIST',
    'test accuracy',
    'points',
    'same class',
    'file',
    ...batches.map((batch) => `batch ${batch}`),
  ]
  const byObserver = Object.entries(rounded).map(([name, accuracy]) => `${name} ${percent(accuracy)}`)
  return [
    `# A ResNet-18 on eight bits, ${date}`,
    `\`${command}\``,
    [
      `- ${machine}; onnxruntime-node ${turns[0]?.runtimeVersion ?? 'not timed'}, one thread`,
      `- runs of \`recipes/quantized-images\`; all 10,000 test images, read once`,
      `- rounded after training: ranges of 512 training images; ${best} was chosen on ${chosenBy} held-out training images (${byObserver.join(', ')})`,
      `- latency: fresh processes in turns, ${turns.length} rounds, medians; load average before each: ${turns.map(({ load }) => load.toFixed(1)).join(', ')}`,
      '- trained to be rounded: on from the weights in fp32, for some steps more',
      `- accuracy is that of the file in onnxruntime; same class: of the first ${compared} test images, how often the model itself in libtorch, fake-quantised where it is quantised, says the same`,
    ].join('\n'),
    markdownTable(heads, rows),
    '',
  ].join('\n\n')
}
