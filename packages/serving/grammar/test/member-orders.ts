/** All serializations of a value: grammars write declared members in one order, while a value's members are unordered. */

/** Maximum texts returned. */
const most = 5000

/** Compact JSON, with members of these names first, in every order. */
export function textsOf(value: unknown, names: ReadonlySet<string>): string[] {
  if (Array.isArray(value))
    return products(value.map((item) => textsOf(item, names))).map((items) => `[${items.join()}]`)
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)]
  const members = Object.entries(value).map(([name, member]) => ({
    isListed: names.has(name),
    texts: textsOf(member, names).map((text) => `${JSON.stringify(name)}:${text}`),
  }))
  const others = members.filter(({ isListed }) => !isListed)
  return ordersOf(members.filter(({ isListed }) => isListed))
    .flatMap((listed) => products([...listed, ...others].map(({ texts }) => texts)))
    .map((texts) => `{${texts.join()}}`)
    .slice(0, most)
}

function ordersOf<T>(items: readonly T[]): (readonly T[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((first, i) => ordersOf(items.toSpliced(i, 1)).map((others) => [first, ...others]))
}

/** Cartesian product. */
function products(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (all, list) => all.flatMap((taken) => list.map((item) => [...taken, item])).slice(0, most),
    [[]],
  )
}
