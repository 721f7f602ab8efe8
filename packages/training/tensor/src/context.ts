/**
 * The context of running code: the scope that owns new tensors, and whether operators record gradients. Synchronous code reads it
 * from a variable; code that continues after an `await` finds it through AsyncLocalStorage.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { native } from './native.ts'

export interface Scope {
  open: boolean
  readonly parent: Scope | undefined
  /** Owned by this scope, unless their `owner` has changed since or they were freed. */
  tensors: Owned[]
  /** At this length the list is rid of those, so that a long scope holds no more than what lives. */
  sweepAt: number
}

/** A tensor, as the scope that frees it sees it. */
export interface Owned {
  /** 0 once freed. */
  handle: number
  owner: Scope | undefined
}

export interface Context {
  readonly scope: Scope | undefined
  readonly grad: boolean
}

const storage = new AsyncLocalStorage<Context>()
/** The context of the synchronous call being made, if any. */
let current: Context | undefined
/** Contexts whose function returned a promise that has not settled. */
let suspended = 0
/** libtorch keeps this per thread; it starts on. */
let gradEnabled = true

/** The context for the operator about to run; libtorch's grad mode agrees with it afterwards. */
export function context(): Context | undefined {
  if (current !== undefined || suspended === 0) return current
  const found = storage.getStore()
  setGrad(found)
  return found
}

/** Runs `body` inside `inner`. `close` runs once, when the body has ended: at once, or when its promise settles. */
export function runIn<T>(inner: Context, body: () => T, close: (value: Awaited<T> | undefined) => void): T {
  const outer = context()
  const caller = current
  current = inner
  setGrad(inner)
  let value: T
  let returned = false
  try {
    value = storage.run(inner, body)
    returned = true
  } finally {
    current = caller
    setGrad(outer)
    if (!returned) close(undefined)
  }
  if (!isPromiseLike(value)) {
    close(value as Awaited<T>)
    return value
  }
  suspended++
  return settle(value as PromiseLike<Awaited<T>>, close) as T
}

async function settle<T>(promise: PromiseLike<T>, close: (value: T | undefined) => void): Promise<T> {
  let value: T | undefined
  try {
    value = await promise
    return value
  } finally {
    suspended--
    if (suspended === 0) setGrad(current)
    close(value)
  }
}

function setGrad(wanted: Context | undefined): void {
  const enabled = wanted?.grad ?? true
  if (enabled === gradEnabled) return
  gradEnabled = enabled
  native().setGradEnabled(enabled)
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
