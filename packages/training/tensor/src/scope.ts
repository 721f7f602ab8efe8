/** Scopes: every tensor made inside is freed in bulk at the end, except those in the returned value. */

import { context, runIn, type Scope } from './context.ts'
import { Handle, openScope, own } from './handle.ts'
import { native } from './native.ts'
import { forgetOrigin, originsTracked } from './origins.ts'

/**
 * Runs `body` and frees the tensors created inside. Those in its result (a tensor, an array, a plain object, a Map or a Set, at any
 * nesting) move to the enclosing scope. If `body` returns a promise, the scope stays open until it settles; concurrent scopes do
 * not interfere.
 *
 * @example
 * ```ts
 * import { scope, torch } from '@hadal/tensor'
 *
 * const mean = scope(() => {
 *   const big = torch.randn([1_000, 1_000])
 *   return big.mul(big).mean() // moves out; everything else made here is freed
 * })
 * mean.shape // → []
 * ```
 */
export function scope<T>(body: () => T): T {
  const outer = context()
  const inner: Scope = { open: true, parent: openScope(outer?.scope), tensors: [], sweepAt: 4096 }
  return runIn({ scope: inner, grad: outer?.grad ?? true }, body, (value) => close(inner, value))
}

/**
 * Runs `body` without recording gradients; it may be async.
 *
 * @example
 * ```ts
 * import { noGrad, torch } from '@hadal/tensor'
 *
 * const w = torch.tensor(1).requiresGrad_()
 * noGrad(() => w.sub_(0.1)) // an update is part of no graph
 * noGrad(() => w.mul(2)).requiresGrad // → false
 * ```
 */
export function noGrad<T>(body: () => T): T {
  return withGrad(false, body)
}

/**
 * Runs `body` with gradients recorded, inside a `noGrad`.
 *
 * @example
 * ```ts
 * import { enableGrad, noGrad, torch } from '@hadal/tensor'
 *
 * const w = torch.tensor(2).requiresGrad_()
 * noGrad(() => enableGrad(() => w.mul(3)).requiresGrad) // → true
 * ```
 */
export function enableGrad<T>(body: () => T): T {
  return withGrad(true, body)
}

/**
 * Whether operators called here record gradients.
 *
 * @example
 * ```ts
 * import { isGradEnabled, noGrad } from '@hadal/tensor'
 *
 * isGradEnabled() // → true
 * noGrad(() => isGradEnabled()) // → false
 * ```
 */
export function isGradEnabled(): boolean {
  return context()?.grad ?? true
}

function withGrad<T>(grad: boolean, body: () => T): T {
  return runIn({ scope: context()?.scope, grad }, body, () => {})
}

let handles = new Int32Array(1024)

function close(scope: Scope, value: unknown): void {
  scope.open = false
  const parent = openScope(scope.parent)
  if (typeof value === 'object' && value !== null) moveOut(value, scope, parent, new Set())
  const { tensors } = scope
  if (tensors.length > handles.length) handles = new Int32Array(tensors.length * 2)
  let count = 0
  for (const tensor of tensors) {
    if (tensor.owner !== scope || tensor.handle === 0) continue
    if (originsTracked()) forgetOrigin(tensor.handle)
    handles[count++] = tensor.handle
    tensor.handle = 0
  }
  tensors.length = 0
  if (count > 0) native().freeMany(handles, count)
}

function moveOut(value: unknown, from: Scope, to: Scope | undefined, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (value instanceof Handle) {
    if (value.owner === from && value.handle !== 0) own(value, to)
  } else if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) moveOut(item, from, to, seen)
  } else if (value instanceof Map) {
    for (const item of value.values()) moveOut(item, from, to, seen)
  } else if (isPlain(value)) {
    for (const item of Object.values(value)) moveOut(item, from, to, seen)
  }
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
