/** Help in Chinese: of what all commands share, of config and of models. */

import type { Texts } from '../../words.ts'

export const sharedHelp: Texts = {
  'Serve, guard, train, deploy and measure open language models.':
    '提供、防护、训练、部署和评测开放语言模型。',
  'print this help': '打印此帮助',
  'print the version': '打印版本',
  'what is printed for people': '打印给人看的内容所用的语言',
  'as HADAL_LANGUAGE or the locale says': '取自 HADAL_LANGUAGE 或系统区域设置',
  'Examples:': '示例：',
  'the bundled model, on http://127.0.0.1:8080': '自带模型，位于 http://127.0.0.1:8080',
  'what is wrong with this machine and the service': '本机和服务有什么问题',
  'what fires and what is over, of the server here': '这里的服务器有哪些告警正在触发、哪些已解除',
  'then: hadal profile RUN': '之后：hadal profile RUN',
  'then: hadal deploy plan, hadal deploy apply': '之后：hadal deploy plan、hadal deploy apply',
  'how many engines there should be, and why': '应该有多少个引擎，为什么',
  'what is claimed, measured on this machine': '所作的论断，在本机实测',
  'Exit codes:': '退出码：',
  'success, or a server that was asked to stop and did': '成功，或服务器按要求停止',
  'something failed': '出现失败',
  'the command line or the configuration is wrong': '命令行或配置有误',
  'stopped by SIGINT or SIGTERM before it was done': '完成之前被 SIGINT 或 SIGTERM 停止',
  'Show the settings of a service and where each comes from, and check config files.':
    '显示服务的设置及其来源，并检查配置文件。',
  'Every setting with its value and where that was said. Takes the flags of `hadal serve`.':
    '每项设置的值及其出处。接受 `hadal serve` 的选项。',
  'the config file, as of `hadal serve`': '配置文件，同 `hadal serve`',
  'only what is not as by default': '只显示不同于默认值的',
  'print JSON': '打印 JSON',
  'Whether a config file is right; says every fault that it has.': '配置文件是否正确；列出其中的所有错误。',
  'the one that `hadal serve` would find': '`hadal serve` 会找到的那个',
  'List, download and inspect models.': '列出、下载和查看模型。',
  'The models on this machine.': '本机上的模型。',
  'where downloaded models are': '下载的模型所在位置',
  'Download a model, or a newer version of one.': '下载模型，或其更新的版本。',
  'hf:owner/repo:quant, hf:owner/repo/file.gguf, hf:owner/repo:safetensors, or an https URL':
    'hf:owner/repo:quant、hf:owner/repo/file.gguf、hf:owner/repo:safetensors，或 https 网址',
  'where to put it': '放在哪里',
  'only say where it is; never use the network': '只说明位置；从不使用网络',
  'read what is there once more, and download again what is damaged': '重新读取已有内容，损坏的重新下载',
  'What a model says of itself.': '模型自己的说明。',
  'a bundled model, a path to a model or checkpoint, or one that was pulled':
    '自带模型、模型或检查点的路径，或下载过的模型',
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Commands:': '命令：',
  default: '默认',
  choices: '可选',
  'help:': '建议：',
}
