/** A tensor's memory handle: an index into the native slab, and its owner. `Tensor` extends it. */

import { context, type Owned, type Scope } from './context.ts'
import { tensorDisposed } from './errors.ts'
import { native } from './native.ts'
import { forgetOrigin, originsTracked, rememberOrigin } from './origins.ts'

export abstract class Handle implements Owned {
  /** 0 once freed. */
  handle: number
  /** The scope that frees it, if any. */
  owner: Scope | undefined = undefined
  /** Without a scope: what the garbage collector watches, shared by a group of tensors. */
  token: object | undefined = undefined

  constructor(handle: number) {
    this.handle = handle
    if (originsTracked()) rememberOrigin(handle)
    own(this, openScope(context()?.scope))
  }

  /** Whether the tensor was freed. */
  get disposed(): boolean {
    return this.handle === 0
  }

  /** Frees the memory now. Freeing twice is fine. */
  free(): void {
    if (this.handle === 0) return
    if (originsTracked()) forgetOrigin(this.handle)
    native().free(this.handle)
    this.handle = 0
  }

  [Symbol.dispose](): void {
    this.free()
  }

  /** Moves the tensor out of the scope that owns it, to the scope around that one (or to no scope). */
  keep(): this {
    if (this.handle === 0) throw tensorDisposed('keep', '')
    if (this.owner !== undefined) own(this, openScope(this.owner.parent))
    return this
  }

  /** Removes the tensor from every scope: its holder frees it, or eventually the garbage collector. */
  unscope(): this {
    if (this.handle === 0) throw tensorDisposed('unscope', '')
    if (this.owner !== undefined) own(this, undefined)
    return this
  }

  /** Gives the tensor to the scope that is open here. */
  rescope(): this {
    if (this.handle === 0) throw tensorDisposed('rescope', '')
    own(this, openScope(context()?.scope))
    return this
  }
}

/** `scope`, or the nearest around it that has not ended. */
export function openScope(scope: Scope | undefined): Scope | undefined {
  while (scope !== undefined && !scope.open) scope = scope.parent
  return scope
}

let lastToken: object | undefined

/** Makes `scope` free the tensor; without one, the garbage collector does. */
export function own(tensor: Handle, scope: Scope | undefined): void {
  tensor.owner = scope
  if (scope !== undefined) {
    if (scope.tensors.push(tensor) >= scope.sweepAt) sweep(scope)
  } else tensor.token = lastToken = native().track(tensor.handle) ?? lastToken
}

function sweep(scope: Scope): void {
  scope.tensors = scope.tensors.filter((tensor) => tensor.owner === scope && tensor.handle !== 0)
  scope.sweepAt = Math.max(4096, 2 * scope.tensors.length)
}
