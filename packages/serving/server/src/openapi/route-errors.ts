/** Errors of each kind of route, for the OpenAPI document. */

import type { ErrorSpec } from '@hadal/base'
import { chatNotContinuable, chatTemplateBusy, chatTemplateFailed } from '@hadal/chat'
import * as engine from '@hadal/engine'
import * as grammar from '@hadal/grammar'
import { guardLockedOut } from '@hadal/guard'
import * as own from '../errors.ts'
import * as guard from '../guard/errors.ts'
import * as http from '../http/http-errors.ts'
import * as kserve from '../kserve/errors.ts'

/** A declared error. */
export type Declared = Pick<ErrorSpec<never>, 'code' | 'status' | 'when'>

export const specs = (...makers: readonly { readonly spec: Declared }[]): readonly Declared[] =>
  makers.map(({ spec }) => spec)

export const everyRoute: readonly Declared[] = specs(
  own.malformedHttp,
  own.headersTooLarge,
  http.tooManyHeaders,
  http.hostNotAllowed,
  own.internalError,
)
export const keyed: readonly Declared[] = specs(own.invalidApiKey)
/** Routes that are not answered when all connections are in use. */
export const unreserved: readonly Declared[] = specs(http.tooManyConnections)
export const administered: readonly Declared[] = specs(http.adminKeyNeeded, http.originNotAllowed)
export const bodied: readonly Declared[] = specs(
  own.malformedJson,
  own.invalidUtf8,
  own.unsupportedMediaType,
  own.bodyTooLarge,
  http.tooManyBodies,
  own.requestTimeout,
  own.invalidRequest,
  own.unknownParameter,
)
export const asksModel: readonly Declared[] = specs(
  own.modelNotFound,
  own.modelElsewhere,
  own.modelLoadFailed,
  own.modelOverBudget,
  engine.engineClosed,
  engine.engineCrashed,
)
export const generates: readonly Declared[] = [
  ...asksModel,
  ...specs(
    own.unsupportedParameter,
    own.serverDraining,
    own.generationInterrupted,
    guardLockedOut,
    guard.guardBlocked,
    guard.guardFailed,
    guard.guardTokensUnreadable,
    guard.guardOutputUnreadable,
    engine.queueFull,
    engine.contextLengthExceeded,
    engine.emptyPrompt,
    engine.invalidToken,
    engine.invalidSampling,
    engine.invalidGrammar,
    engine.adapterUnknown,
    engine.generationOff,
    grammar.schemaInvalid,
    grammar.schemaUnsupported,
    grammar.schemaTooLarge,
    grammar.regexInvalid,
    grammar.regexUnsupported,
    grammar.regexTooLarge,
  ),
]
export const written: readonly Declared[] = specs(chatTemplateFailed, chatTemplateBusy, chatNotContinuable)
export const chats: readonly Declared[] = [...generates, ...written]
export const fills: readonly Declared[] = [...generates, ...specs(own.fimUnsupported)]
export const embeds: readonly Declared[] = [
  ...asksModel,
  ...specs(
    own.unsupportedParameter,
    own.serverDraining,
    own.embeddingNotPooled,
    engine.queueFull,
    engine.contextLengthExceeded,
    engine.emptyPrompt,
    engine.invalidToken,
    engine.embeddingsOff,
    engine.imagesOff,
    engine.tokensOff,
    engine.tooManyVectors,
    own.imageAddressRefused,
  ),
]
export const ranks: readonly Declared[] = [
  ...asksModel,
  ...specs(
    own.unsupportedParameter,
    own.serverDraining,
    engine.queueFull,
    engine.contextLengthExceeded,
    engine.rerankingOff,
  ),
]
export const model: readonly Declared[] = specs(own.modelNotFound, own.modelLoading, own.modelElsewhere)
export const infers: readonly Declared[] = [
  ...asksModel,
  ...specs(
    own.unsupportedParameter,
    own.serverDraining,
    kserve.modelVersionUnknown,
    engine.queueFull,
    engine.deadlineUnmet,
    engine.tensorInvalid,
    engine.inferenceFailed,
    engine.inferenceOff,
  ),
]
export const describesTensors: readonly Declared[] = [
  ...asksModel,
  ...specs(kserve.modelVersionUnknown, engine.inferenceOff),
]
