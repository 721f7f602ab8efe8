/** Questions to the engine process and their pending replies. Kept until the process is ready; they fail when it dies. */

import { HadalError } from '@hadal/base'
import type { CacheView } from '../cache-view.ts'
import type { EngineProcess } from './engine-process.ts'
import type { Answer, Question } from './messages.ts'

export type Requested = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never
export type AnswerTo<Q extends Requested> = Q extends { readonly ask: 'tokenize' }
  ? number[]
  : Q extends { readonly ask: 'pieces' }
    ? number[][]
    : Q extends { readonly ask: 'promptLength' }
      ? number
      : Q extends { readonly ask: 'loadAdapter' }
        ? null
        : Q extends { readonly ask: 'cache' }
          ? CacheView | null
          : string

interface Pending {
  readonly question: Question
  requested: boolean
  readonly resolve: (value: Extract<Answer, { readonly value: unknown }>['value']) => void
  readonly reject: (error: HadalError) => void
}

export class Questions {
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #ended: HadalError | undefined

  /** Sent and not answered yet. */
  get unanswered(): boolean {
    for (const { requested } of this.#pending.values()) if (requested) return true
    return false
  }

  ask<Q extends Requested>(requested: Q, process: EngineProcess | undefined): Promise<AnswerTo<Q>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      const question = { ...requested, id: this.#nextId } as Question
      this.#nextId += 1
      this.#pending.set(question.id, {
        question,
        requested: process !== undefined,
        resolve: resolve as Pending['resolve'],
        reject,
      })
      process?.ask(question)
    })
  }

  /** The process is ready: sends the questions that had to wait. */
  askAll(process: EngineProcess): void {
    for (const pending of this.#pending.values()) {
      if (!pending.requested) process.ask(pending.question)
      pending.requested = true
    }
  }

  answer(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const pending = this.#pending.get(answer.id)
      this.#pending.delete(answer.id)
      if ('error' in answer) pending?.reject(HadalError.revive(answer.error))
      else pending?.resolve(answer.value)
    }
  }

  /** The process died: fails the questions it had received. */
  fail(error: HadalError): void {
    for (const [id, pending] of this.#pending) {
      if (!pending.requested) continue
      this.#pending.delete(id)
      pending.reject(error)
    }
  }

  /** No process will be available any more. */
  end(error: HadalError): void {
    this.#ended = error
    this.failAll(error)
  }

  /** No process will be available soon. */
  failAll(error: HadalError): void {
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}
