/**
 * Tracks the ready and pending endpoints of a service from its EndpointSlices
 * (https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/). No I/O.
 */

export interface EndpointSlice {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string }
  readonly endpoints?: readonly Endpoint[] | null
  readonly ports?: readonly { readonly name?: string | null; readonly port?: number | null }[] | null
}

interface Endpoint {
  readonly addresses?: readonly string[] | null
  /** Unknown counts as ready. */
  readonly conditions?: { readonly ready?: boolean | null; readonly terminating?: boolean | null } | null
}

export class EndpointSlices {
  readonly #slices = new Map<string, EndpointSlice>()

  /** Replaces all slices. */
  reset(slices: readonly EndpointSlice[]): void {
    this.#slices.clear()
    for (const slice of slices) this.put(slice)
  }

  put(slice: EndpointSlice): void {
    this.#slices.set(slice.metadata?.name ?? '', slice)
  }

  remove(slice: EndpointSlice): void {
    this.#slices.delete(slice.metadata?.name ?? '')
  }

  /** `port`: a name or a number; absent: the first one. A pod may temporarily be in two slices. */
  ready(port?: string | number): { readonly name: string; readonly port: number }[] {
    const found = new Map<string, { name: string; port: number }>()
    for (const { endpoints, ports } of this.#slices.values()) {
      const number = portOf(ports ?? [], port)
      if (number === undefined) continue
      for (const { addresses, conditions } of endpoints ?? []) {
        // All addresses of an endpoint belong to the same pod.
        const name = addresses?.[0]
        if (name !== undefined && conditions?.ready !== false)
          found.set(`${name} ${number}`, { name, port: number })
      }
    }
    return [...found.values()]
  }

  /** Pods that have an address, are not ready and are not terminating. */
  get pending(): number {
    const starting = [...this.#slices.values()].flatMap(({ endpoints }) =>
      (endpoints ?? []).filter(
        ({ conditions }) => conditions?.ready === false && conditions.terminating !== true,
      ),
    )
    return new Set(starting.flatMap(({ addresses }) => addresses?.[0] ?? [])).size
  }
}

function portOf(ports: NonNullable<EndpointSlice['ports']>, wanted?: string | number): number | undefined {
  if (typeof wanted === 'number') return wanted
  const match = wanted === undefined ? ports[0] : ports.find(({ name }) => name === wanted)
  return match?.port ?? undefined
}
