/** The losses of a whole run in little memory: equal groups of steps, each with its mean, twice as large whenever they are many. */

const maxGroups = 1024

export class LossHistory {
  /** Means of full groups. */
  #means: number[] = []
  #stepsPerGroup = 1
  #sum = 0
  #count = 0

  add(loss: number): void {
    this.#sum += loss
    this.#count += 1
    if (this.#count < this.#stepsPerGroup) return
    this.#means.push(this.#sum / this.#count)
    this.#sum = 0
    this.#count = 0
    if (this.#means.length === maxGroups) this.#halve()
  }

  /** In order; the last may cover fewer steps than the others. */
  get values(): readonly number[] {
    return this.#count === 0 ? this.#means : [...this.#means, this.#sum / this.#count]
  }

  #halve(): void {
    const means = this.#means
    this.#means = Array.from({ length: means.length / 2 }, (_, i) => (means[2 * i]! + means[2 * i + 1]!) / 2)
    this.#stepsPerGroup *= 2
  }
}
