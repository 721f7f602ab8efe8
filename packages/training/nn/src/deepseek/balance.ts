/**
 * Even load without an auxiliary loss (Wang et al. 2024, arXiv:2408.15664; DeepSeek-V3, arXiv:2412.19437, 2.1.2): after each step
 * the correction of every overloaded expert falls by a fixed amount, that of every underloaded one rises. For models whose
 * topk_method is noaux_tc; with others it only measures.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'

/** Told what a layer's experts did in one forward pass: how many tokens each was given. */
export type LoadObserver = (layer: number, tokensOfExpert: readonly number[]) => void

/**
 * What is added to each expert's correction after a step in which they were given so many tokens.
 *
 * @internal
 */
export function correctionChanges(tokensOfExpert: readonly number[], rate: number): number[] {
  const mean = tokensOfExpert.reduce((sum, tokens) => sum + tokens, 0) / tokensOfExpert.length
  return tokensOfExpert.map((tokens) => rate * Math.sign(mean - tokens))
}

/** Tokens given to each expert, by layer. */
export type ExpertLoads = ReadonlyMap<number, readonly number[]>

/** What is different where other processes read other parts of a batch. */
export interface BalanceOverRanks {
  /** From the loads here to those of all; every process calls it at once. */
  sum(loads: ExpertLoads): ExpertLoads
  /** The entries of a correction that are kept here: from, up to but not including to. */
  rows(name: string): readonly [from: number, to: number]
}

/** @internal */
export class ExpertBalance {
  readonly #corrections: ReadonlyMap<string, Tensor>
  readonly #overRanks: BalanceOverRanks | undefined
  readonly #loads = new Map<number, readonly number[]>()

  /** `parameters` as a `DeepSeek` names them; corrections among them are changed in place. */
  constructor(parameters: ReadonlyMap<string, Tensor>, overRanks?: BalanceOverRanks) {
    this.#corrections = parameters
    this.#overRanks = overRanks
  }

  /** Give this to every `forward` of a step. */
  readonly observe: LoadObserver = (layer, tokensOfExpert) => {
    const sums = this.#loads.get(layer)
    this.#loads.set(layer, sums ? sums.map((sum, i) => sum + tokensOfExpert[i]!) : [...tokensOfExpert])
  }

  /**
   * Once a step, after the optimizer. Returns how many times the mean load the busiest expert of any layer had: 1 is even. Without
   * a forward since the last call it changes nothing and returns 1.
   */
  update(rate: number): number {
    let imbalance = 1
    for (const [layer, loads] of this.#overRanks?.sum(this.#loads) ?? this.#loads) {
      const total = loads.reduce((sum, tokens) => sum + tokens, 0)
      imbalance = Math.max(imbalance, (Math.max(...loads) * loads.length) / total)
      const name = `model.layers.${layer}.mlp.gate.e_score_correction_bias`
      const correction = this.#corrections.get(name)
      if (!correction) continue
      const changes = correctionChanges(loads, rate).slice(...(this.#overRanks?.rows(name) ?? []))
      noGrad(() => scope(() => void correction.add_(torch.tensor(changes))))
    }
    this.#loads.clear()
    return imbalance
  }

  /** What is counted from here on is forgotten again when the result is called. */
  mark(): () => void {
    const before = [...this.#loads]
    return () => {
      this.#loads.clear()
      for (const [layer, loads] of before) this.#loads.set(layer, loads)
    }
  }

  /** Instead of `update`, after forward passes that shall not count. */
  forget(): void {
    this.#loads.clear()
  }
}
