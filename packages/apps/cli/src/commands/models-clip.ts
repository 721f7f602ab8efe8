/** `hadal models` for a CLIP folder: the load plan, from headers only. Needs no libtorch. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatBytes, formatCount } from '@hadal/base'
import { type CheckpointIssue, type Fact, issueOf, loadedLine, printInspection } from '@hadal/models'
import { type ClipConfig, type ClipLayout, clipParameterCount, isResNetTower, planClip } from '@hadal/nn'
import type { Terminal } from '@hadal/output'
import { say } from '@hadal/output'

export interface ClipDescription {
  readonly folder: string
  readonly architecture: 'clip'
  readonly layout: ClipLayout
  /** Descriptions of both encoders; undefined for an invalid configuration. */
  readonly towers: { readonly image: string; readonly text: string } | undefined
  readonly parameters: { readonly total: number; readonly text: number; readonly image: number }
  /** Storage types. */
  readonly types: readonly string[]
  /** Side length of the image encoder's input in pixels. */
  readonly imageSize: number | undefined
  /** Longest caption, in tokens. */
  readonly contextLength: number | undefined
  readonly embeddingLength: number | undefined
  readonly tokenizer: boolean
  /** In fp32. */
  readonly memoryBytes: number
  /** Tensors in the files that the model has no use for. */
  readonly unneeded: readonly string[]
  /** Why it cannot be loaded; empty if it can. */
  readonly issues: readonly CheckpointIssue[]
}

export function describeClip(folder: string): ClipDescription {
  const { layout, config, tensors, unneeded, parameterBytes, issues } = planClip(folder)
  return {
    folder,
    architecture: 'clip',
    layout,
    towers: config && towersOf(config),
    parameters: config === undefined ? { total: 0, text: 0, image: 0 } : clipParameterCount(config),
    types: [...new Set(tensors.map(({ stored }) => stored.type))],
    imageSize: config?.vision_config.image_size,
    contextLength: config?.text_config.max_position_embeddings,
    embeddingLength: config?.projection_dim,
    tokenizer: existsSync(join(folder, 'tokenizer.json')),
    memoryBytes: parameterBytes,
    unneeded,
    issues: issues.map(issueOf),
  }
}

function towersOf({ vision_config: vision, text_config: text }: ClipConfig): ClipDescription['towers'] {
  const image = isResNetTower(vision)
    ? `ResNet of ${vision.layers.join(', ')} blocks, width ${vision.width}`
    : `ViT of ${vision.num_hidden_layers} layers, width ${vision.hidden_size}, patches of ${vision.patch_size}`
  return { image, text: `transformer of ${text.num_hidden_layers} layers, width ${text.hidden_size}` }
}

/** A summary line after a download. */
export function clipLine(folder: string): string {
  const { parameters, types, memoryBytes, issues } = describeClip(folder)
  return loadedLine({ architecture: 'clip', parameters: parameters.total, types, memoryBytes }, issues)
}

/** Exits with a failure if the folder cannot be loaded, for use in scripts. */
export function inspectClip(folder: string, asJson: boolean, terminal: Terminal): number {
  const clip = describeClip(folder)
  const { towers, parameters, types, imageSize, unneeded, issues } = clip
  const shares = say`${formatCount(parameters.image)} image, ${formatCount(parameters.text)} text`
  const facts: readonly Fact[] = [
    [say`checkpoint`, folder],
    [say`architecture`, say`clip, ${clip.layout === 'open-clip' ? 'open_clip' : 'Hugging Face'} layout`],
    [say`image encoder`, towers?.image],
    [say`text encoder`, towers?.text],
    [
      say`parameters`,
      `${formatCount(parameters.total)} (${shares}; ${types.join(', ') || say`none to read`})`,
    ],
    [say`images`, imageSize === undefined ? undefined : say`${imageSize} x ${imageSize} pixels`],
    [say`context`, clip.contextLength],
    [say`embedding`, clip.embeddingLength],
    [say`tokenizer`, clip.tokenizer ? 'tokenizer.json' : say`none: it cannot be served`],
    [say`memory`, say`${formatBytes(clip.memoryBytes)} in fp32`],
    [
      say`not needed`,
      unneeded.length === 0 ? undefined : say`${unneeded.length} tensor(s), as ${unneeded[0]}`,
    ],
    [say`errors`, issues.length === 0 ? say`none; it can be loaded` : undefined],
  ]
  return printInspection({ kind: 'clip', ...clip }, facts, asJson, terminal)
}
