/**
 * One of several ranks that hold a model between them: `divided-program.ts CASES`, with RANK, WORLD_SIZE and MASTER_PORT in the
 * environment. For each case it makes the same model whole and divided from one seed, and says as JSON by how much losses, logits,
 * gradients and their norms differ, relative to the largest of each.
 */

import {
  chunkedTokenLoss,
  createModel,
  type DecoderConfig,
  type DeepSeekConfig,
  expertsOf,
  gatheredState,
  initializeDecoder,
  initializePart,
  type LanguageModel,
  PartParameters,
  runOnTape,
  type SegmentMode,
  type Shard,
  shardOf,
  sumPartialGradients,
  sumSquares_,
  Tape,
  tokenLoss,
} from '@hadal/nn'
import {
  copyToGroup,
  joinProcessGroup,
  manualSeed,
  noGrad,
  scope,
  setNumThreads,
  type Tensor,
  torch,
} from '@hadal/tensor'

export interface DividedCase {
  readonly config: DecoderConfig | DeepSeekConfig
  readonly tensor: number
  readonly expert: number
  readonly sequence: boolean
  readonly labelSmoothing: number
  readonly zLoss: number
  /** One token everywhere, so that all go to the same experts and some ranks get none. */
  readonly sameToken?: boolean
  /** How the halves of the divided model are run; at once without it. */
  readonly mode?: SegmentMode
}

export interface DividedDifference {
  readonly loss: number
  readonly logits: number
  readonly gradients: Readonly<Record<string, number>>
  readonly norm: number
}

setNumThreads(1)
const { RANK, WORLD_SIZE, MASTER_PORT } = process.env
const rank = Number(RANK)
const size = Number(WORLD_SIZE)
const world = await joinProcessGroup({
  masterAddr: '127.0.0.1',
  masterPort: Number(MASTER_PORT),
  rank,
  worldSize: size,
  timeoutMillis: 60_000,
})
const cases = JSON.parse(process.argv[2]!) as DividedCase[]
const differences = cases.map((each) => scope(() => difference(each)))
if (rank === 0) process.stdout.write(JSON.stringify(differences))
world.close()

function groups({ tensor, expert, sequence }: DividedCase): Shard {
  const of = (width: number, stride: number): Shard['tensor'] => {
    const lists = Array.from({ length: size }, (_, first) => first).filter(
      (first) => Math.floor(first / stride) % width === 0,
    )
    const made = lists.map((first) =>
      world.subgroup(Array.from({ length: width }, (_, member) => first + member * stride)),
    )
    return made.find((group) => group !== undefined)!
  }
  return { tensor: of(tensor, 1), expert: of(expert, tensor), sequence }
}

/** [rows, 8]; each member of the expert group reads two different rows. */
function tokens(
  { config, sameToken }: DividedCase,
  rows: number,
): { ids: Tensor; targets: Tensor; segments: Tensor } {
  const ids = torch
    .arange(rows * 9)
    .mul(7)
    .add(3)
    .remainder(config.vocab_size)
    .view([rows, 9])
    .long()
  const targets = ids.narrow(1, 1, 8).clone()
  targets.select(1, 3).fill_(-100)
  const segments = torch.tensor(Array.from({ length: rows }, () => [0, 0, 0, 1, 1, 1, 1, 1]))
  const read = ids.narrow(1, 0, 8)
  return { ids: sameToken ? torch.fullLike(read, 5) : read, targets, segments }
}

function difference(each: DividedCase): DividedDifference {
  const { config } = each
  const shard = groups(each)
  const layout = { tensor: shard.tensor, expert: shard.expert }
  const cutOf = (name: string) => shardOf(name, expertsOf(config), layout)

  const whole = createModel(config)
  manualSeed(5)
  initializeDecoder(whole.parameters(), config.num_hidden_layers)
  const divided = createModel(config, 'float32', shard)
  manualSeed(5)
  initializePart(divided.parameters(), config, cutOf, layout)

  const rows = 2 * each.expert
  const { ids, targets, segments } = tokens(each, rows)
  const own = (all: Tensor): Tensor => all.narrow(0, 2 * shard.expert.rank, 2)
  const expected = lossOf(whole, ids, targets, segments, each)
  const wanted = gradients(new Tape(1), expected, whole.parameters())

  const tape = new Tape(1)
  const loss = dividedLoss(divided, own(ids), own(targets), own(segments), shard, each, tape)
  const parts = gradients(tape, loss, divided.parameters())
  const names = [...parts.keys()]
  sumPartialGradients(names, [...parts.values()], cutOf, shard)
  const total = loss.detach().clone()
  shard.expert.allReduce_(total)
  for (const [name, gradient] of parts) if (cutOf(name).owner === undefined) shard.expert.allReduce_(gradient)

  const squares = torch.stack(torch._foreachNorm([...parts.values()])).square()
  sumSquares_(squares, names, cutOf, shard)
  const wholeNorm = torch
    .stack(torch._foreachNorm([...wanted.values()]))
    .square()
    .sum()
    .sqrt()
  const logits = noGrad(() => divided.forward(own(ids), own(segments)))
  const wantedLogits = noGrad(() => own(whole.forward(ids, segments)))

  const found: Record<string, number> = {}
  for (const [name, gradient] of gatheredState(names, (name) => parts.get(name)!, cutOf, shard))
    found[name] = apart(gradient, wanted.get(name)!, each.sameToken ? 1e-3 : 0)
  for (const name of wanted.keys()) found[name] ??= Number.POSITIVE_INFINITY
  return {
    loss: apart(total, expected),
    logits: apart(logits, wantedLogits),
    gradients: found,
    norm: apart(squares.sum().sqrt(), wholeNorm),
  }
}

function lossOf(
  model: LanguageModel,
  ids: Tensor,
  targets: Tensor,
  segments: Tensor,
  { labelSmoothing, zLoss }: DividedCase,
): Tensor {
  return tokenLoss(model.forward(ids, segments), targets, { labelSmoothing, zLoss }).sum
}

function dividedLoss(
  model: LanguageModel,
  ids: Tensor,
  targets: Tensor,
  segments: Tensor,
  shard: Shard,
  options: DividedCase,
  tape: Tape,
): Tensor {
  const { mode, config } = options
  const halves = Array.from({ length: 2 * config.num_hidden_layers }, () => ({
    parts: 1,
    mode: mode ?? 'kept',
  }))
  const runParts = mode && runOnTape(tape, halves, new PartParameters(model.parameters()))
  const hidden = copyToGroup(model.hidden(ids, segments, runParts), shard.tensor)
  return chunkedTokenLoss(hidden, model.headWeight!, targets, options, 5, tape, shard.tensor)
}

function gradients(tape: Tape, loss: Tensor, parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const found = tape.gradients(loss, [...parameters.values()])
  return new Map([...parameters.keys()].map((name, at) => [name, found[at]!.contiguous()]))
}

/** `least` is what values are counted as at least: where all tokens are the same, queries have gradients of nothing but rounding. */
function apart(a: Tensor, b: Tensor, least = 0): number {
  return scope(() => {
    const largest = Math.max(least, b.abs().amax().item() as number)
    return (a.sub(b).abs().amax().item() as number) / (largest || 1)
  })
}
