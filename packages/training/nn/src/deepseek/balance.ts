/**
 * Load balancing without an auxiliary loss (Wang et al. 2024, arXiv:2408.15664; DeepSeek-V3, arXiv:2412.19437, 2.1.2): after each
 * step the routing bias of every overloaded expert falls by a fixed amount, that of every underloaded one rises. For models whose
 * topk_method is noaux_tc; for others it only measures.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'

/** Called with the number of tokens routed to each expert of a layer in one forward pass. */
export type LoadObserver = (layer: number, tokensOfExpert: readonly number[]) => void

/**
 * Change of each expert's bias after a step with these token counts.
 *
 * @internal
 */
export function correctionChanges(tokensOfExpert: readonly number[], rate: number): number[] {
  const mean = tokensOfExpert.reduce((sum, tokens) => sum + tokens, 0) / tokensOfExpert.length
  return tokensOfExpert.map((tokens) => rate * Math.sign(mean - tokens))
}

/** Tokens given to each expert, by layer. */
export type ExpertLoads = ReadonlyMap<number, readonly number[]>

/** Reductions for ranks that read other parts of a batch. */
export interface BalanceOverRanks {
  /** Sums loads over all ranks; collective. */
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
   * Call once per step, after the optimizer. Returns the load of the busiest expert of any layer relative to the mean: 1 is
   * balanced. Without a forward pass since the last call it changes nothing and returns 1.
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

  /** The returned function discards counts made after this call. */
  mark(): () => void {
    const before = [...this.#loads]
    return () => {
      this.#loads.clear()
      for (const [layer, loads] of before) this.#loads.set(layer, loads)
    }
  }

  /** Call instead of `update` after forward passes that should not count. */
  forget(): void {
    this.#loads.clear()
  }
}
