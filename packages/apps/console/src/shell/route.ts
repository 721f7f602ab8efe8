/**
 * The current location in the console: `#/runs/2026-11-29T10-00?compare=other`. Behind the hash, because the paths before it
 * are the API's. Knows nothing of what pages there are.
 */

import { createStore, type Store, useStore } from '../store.ts'

export interface Route {
  /** The first part: a page. */
  readonly page: string
  /** The path parts after it, decoded: `['2026-11-29T10-00']`. */
  readonly rest: readonly string[]
  readonly query: URLSearchParams
}

export const route: Store<Route> = createStore(parse(location.hash))
addEventListener('hashchange', () => route.set(parse(location.hash)))

export const useRoute = (): Route => useStore(route)

export function hrefOf(
  page: string,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(query).toString()
  return `#/${[page, ...rest].map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

export function go(
  page: string,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): void {
  location.hash = hrefOf(page, rest, query)
}

function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [page = '', ...rest] = path.split('/').map(decode)
  return { page: page === '' ? 'playground' : page, rest, query: new URLSearchParams(search) }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
