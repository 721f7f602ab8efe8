/** Expressions with one or two random errors: pieces removed, doubled, swapped, or inserted from elsewhere. */

const piece = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\d+[a-z]+|[\w:.]+|[=!<>]=|[=!]~|\s+|[\s\S]/g

const strange: readonly string[] =
  `( ) { } [ ] , + - * / ^ % == != > < >= <= =~ !~ = and or unless atan2 bool by without on ignoring group_left
group_right offset @ start() end() 5 0.9 1e3 5m 0s 1h30m 1d2h : "a" 'b' "(" ".*" sum topk quantile count_values rate irate increase
histogram_quantile label_replace abs vector scalar time() round foo bar:baz le job [5m] [1h:5m] (a,b) {a="b"} {} Inf NaN $x #`.split(
    /\s+/,
  )

/** A generator of numbers from 0 to below 1, the same for each seed (mulberry32). */
export function drawer(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function mutate(expression: string, draw: () => number): string {
  const pieces = expression.match(piece) ?? []
  const pick = (length: number): number => Math.floor(draw() * length)
  for (let rounds = 1 + pick(2); rounds > 0; rounds -= 1) {
    const at = pick(pieces.length)
    const how = pick(5)
    if (how === 0) pieces.splice(at, 1)
    else if (how === 1) pieces.splice(at, 0, pieces[at] ?? '')
    else if (how === 2) pieces.splice(at, 1, strange[pick(strange.length)]!)
    else if (how === 3) pieces.splice(at, 0, ` ${strange[pick(strange.length)]!} `)
    else pieces.splice(at, 1, ...pieces.splice(pick(pieces.length), 1))
  }
  return pieces.join('')
}
