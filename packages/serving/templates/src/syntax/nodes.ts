/** The syntax tree of a template. */

export type Expression =
  | { readonly type: 'literal'; readonly value: null | boolean | number | string; readonly isFloat?: true }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly type: 'item'; readonly object: Expression; readonly key: Expression }
  | {
      readonly type: 'slice'
      readonly object: Expression
      readonly bounds: readonly [Expression | undefined, Expression | undefined, Expression | undefined]
    }
  | { readonly type: 'call'; readonly callee: Expression; readonly args: CallArguments }
  | {
      readonly type: 'filter'
      readonly name: string
      readonly input: Expression
      readonly args: CallArguments
    }
  | {
      readonly type: 'test'
      readonly name: string
      readonly input: Expression
      readonly args: CallArguments
    }
  | { readonly type: 'unary'; readonly operator: 'not' | '-' | '+'; readonly operand: Expression }
  | {
      readonly type: 'binary'
      readonly operator: '+' | '-' | '*' | '/' | '//' | '%' | '**' | 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly type: 'concat'; readonly parts: readonly Expression[] }
  | {
      readonly type: 'compare'
      readonly first: Expression
      readonly rest: readonly { readonly operator: Comparison; readonly operand: Expression }[]
    }
  | {
      readonly type: 'choice'
      readonly condition: Expression
      readonly chosen: Expression
      readonly otherwise: Expression | undefined
      readonly line: number
    }

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'

export interface CallArguments {
  readonly positional: readonly Expression[]
  readonly named: readonly (readonly [string, Expression])[]
  /** `*items` and `**members`. */
  readonly spread: Expression | undefined
  readonly namedSpread: Expression | undefined
}

/** The target of an assignment or a loop. */
export type Target =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'member'; readonly object: string; readonly name: string }
  | { readonly type: 'tuple'; readonly items: readonly Target[] }

export interface Parameter {
  readonly name: string
  readonly fallback: Expression | undefined
}

export interface FilterUse {
  readonly name: string
  readonly args: CallArguments
}

export type Statement =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'print'; readonly value: Expression }
  | {
      readonly type: 'if'
      readonly branches: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[]
      readonly otherwise: readonly Statement[]
    }
  | {
      readonly type: 'for'
      readonly target: Target
      readonly items: Expression
      readonly condition: Expression | undefined
      readonly recursive: boolean
      readonly body: readonly Statement[]
      readonly otherwise: readonly Statement[]
    }
  | { readonly type: 'break' | 'continue' }
  | { readonly type: 'set'; readonly target: Target; readonly value: Expression }
  | {
      readonly type: 'setBlock'
      readonly target: Target
      readonly filters: readonly FilterUse[]
      readonly body: readonly Statement[]
    }
  | {
      readonly type: 'macro'
      readonly name: string
      readonly parameters: readonly Parameter[]
      readonly body: readonly Statement[]
    }
  | {
      readonly type: 'call'
      readonly call: Expression
      readonly parameters: readonly Parameter[]
      readonly body: readonly Statement[]
    }
  | {
      readonly type: 'filterBlock'
      readonly filters: readonly FilterUse[]
      readonly body: readonly Statement[]
    }
  | {
      readonly type: 'with'
      readonly bindings: readonly { readonly target: Target; readonly value: Expression }[]
      readonly body: readonly Statement[]
    }
  /** `{% generation %}`: marks the assistant's text. */
  | { readonly type: 'generation'; readonly body: readonly Statement[] }
