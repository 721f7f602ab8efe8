/**
 * A schema as a type: `'(Tensor a, float eps=1e-5) -> Tensor'` is `(a: Tensor, eps?: number) => Tensor`. An unsupported schema
 * gives `never`, and libtorch reports the error at run time.
 */

import type { Scalar } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'

type Trim<Text extends string> = Text extends ` ${infer Rest}` | `\n${infer Rest}`
  ? Trim<Rest>
  : Text extends `${infer Rest} ` | `${infer Rest}\n`
    ? Trim<Rest>
    : Text

/** Whether a bracket waits for its other half. */
type IsOpen<Text extends string> = Text extends `${string}[${infer Inside}`
  ? Inside extends `${string}]${infer After}`
    ? IsOpen<After>
    : true
  : false

/** At commas; a default like [1, 2] also has commas. */
type Split<Text extends string, Before extends string = ''> = Text extends `${infer Head},${infer Tail}`
  ? IsOpen<`${Before}${Head}`> extends true
    ? Split<Tail, `${Before}${Head},`>
    : [Trim<`${Before}${Head}`>, ...Split<Tail>]
  : Trim<`${Before}${Text}`> extends ''
    ? []
    : [Trim<`${Before}${Text}`>]

interface Values {
  Tensor: Tensor
  int: number
  float: number
  bool: boolean
  str: string
  Scalar: Scalar
}

/** A value that an operator takes. `int[2]` takes one number for both. */
export type Value<Type extends string> = Type extends keyof Values
  ? Values[Type]
  : Type extends `${infer Inner}?`
    ? Value<Inner> | null
    : Type extends `${infer Element}[]`
      ? readonly Value<Element>[]
      : Type extends `${infer Element}[${number}]`
        ? Value<Element> | readonly Value<Element>[]
        : never

type Returned<Type extends string> = Type extends `${infer Element}[]` ? Value<Element>[] : Value<Type>

type TypeOf<Part extends string> = Part extends `${infer Type} ${string}` ? Type : Part
type NameOf<Part extends string> = Part extends `${string} ${infer Name}=${string}`
  ? Name
  : Part extends `${string} ${infer Name}`
    ? Name
    : never

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? Tail extends ''
    ? Name
    : `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

/** Before the `*`, in order. */
type Positional<Parts extends readonly string[]> = Parts extends readonly [
  infer Part extends string,
  ...infer Rest extends string[],
]
  ? Part extends '*'
    ? []
    : Part extends `${string}=${string}`
      ? [value?: Value<TypeOf<Part>>, ...rest: Positional<Rest>]
      : [value: Value<TypeOf<Part>>, ...rest: Positional<Rest>]
  : []

/** Behind the `*`, by name. */
type Keyed<Parts extends readonly string[], Behind extends boolean = false> = Parts extends readonly [
  infer Part extends string,
  ...infer Rest extends string[],
]
  ? Part extends '*'
    ? Keyed<Rest, true>
    : Behind extends true
      ? (Part extends `${string}=${string}`
          ? { readonly [Name in CamelCase<NameOf<Part>>]?: Value<TypeOf<Part>> }
          : { readonly [Name in CamelCase<NameOf<Part>>]: Value<TypeOf<Part>> }) &
          Keyed<Rest, true>
      : Keyed<Rest>
  : unknown

type Options<Parts extends readonly string[]> = '*' extends Parts[number]
  ? Record<never, never> extends Keyed<Parts>
    ? [options?: Keyed<Parts>]
    : [options: Keyed<Parts>]
  : []

type ResultList<Parts extends readonly string[]> = Parts extends readonly [
  infer Part extends string,
  ...infer Rest extends string[],
]
  ? [Returned<TypeOf<Part>>, ...ResultList<Rest>]
  : []

type Results<Text extends string> = Text extends `(${infer Inside})`
  ? ResultList<Split<Inside>> extends [infer Only]
    ? Only
    : ResultList<Split<Inside>>
  : Returned<TypeOf<Text>>

type ArgumentsText<Schema extends string> =
  Trim<Schema> extends `(${infer Inside})${' ' | ''}->${string}` ? Inside : never
type ResultsText<Schema extends string> = Schema extends `${string}->${infer Returned}`
  ? Trim<Returned>
  : never

/** The function that an operator of this schema is. */
export type OpFunction<Schema extends string> = string extends Schema
  ? // biome-ignore lint/suspicious/noExplicitAny: a schema that is not a literal says nothing about its types
    (...args: any[]) => any
  : (...args: OpArguments<Schema>) => Results<ResultsText<Schema>>

/** Its arguments. */
export type OpArguments<Schema extends string> = string extends Schema
  ? // biome-ignore lint/suspicious/noExplicitAny: likewise
    any[]
  : [...Positional<Split<ArgumentsText<Schema>>>, ...Options<Split<ArgumentsText<Schema>>>]

type TensorNames<Parts extends readonly string[]> = Parts extends readonly [
  infer Part extends string,
  ...infer Rest extends string[],
]
  ? (TypeOf<Part> extends 'Tensor' | 'Tensor?' ? NameOf<Part> : never) | TensorNames<Rest>
  : never

/** The names of its arguments that are tensors. */
export type TensorArguments<Schema extends string> = string extends Schema
  ? string
  : TensorNames<Split<ArgumentsText<Schema>>>
