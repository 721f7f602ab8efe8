/** Help in Chinese: of what all commands share, of config and of models. */

import type { Texts } from '../../words.ts'

export const sharedHelp: Texts = {
  'Serve, guard, train, deploy and measure open language models.':
    '提供、防护、训练、部署和评测开放语言模型。',
  'print this help': '打印此帮助',
  'print the version': '打印版本',
  'language of printed text': '打印给人看的内容所用的语言',
  'HADAL_LANGUAGE, otherwise the locale': '取自 HADAL_LANGUAGE 或系统区域设置',
  'Examples:': '示例：',
  'serves the bundled model on http://127.0.0.1:8080': '自带模型，位于 http://127.0.0.1:8080',
  'checks this machine and the service': '本机和服务有什么问题',
  'monitors the local server': '这里的服务器有哪些告警正在触发、哪些已解除',
  'then: hadal profile RUN': '之后：hadal profile RUN',
  'then: hadal deploy plan, hadal deploy apply': '之后：hadal deploy plan、hadal deploy apply',
  'shows scaling decisions and their reasons': '应该有多少个引擎，为什么',
  'verifies the published claims on this machine': '所作的论断，在本机实测',
  'Exit codes:': '退出码：',
  'success, including a server stopped on request': '成功，或服务器按要求停止',
  failure: '出现失败',
  'invalid command line or configuration': '命令行或配置有误',
  'interrupted by SIGINT or SIGTERM': '完成之前被 SIGINT 或 SIGTERM 停止',
  'Show settings and their sources, and validate config files.': '显示服务的设置及其来源，并检查配置文件。',
  'Show every setting, its value and its source. Accepts the flags of `hadal serve`.':
    '每项设置的值及其出处。接受 `hadal serve` 的选项。',
  'config file, as for `hadal serve`': '配置文件，同 `hadal serve`',
  'only settings that differ from the default': '只显示不同于默认值的',
  'print JSON': '打印 JSON',
  'Validate a config file and list all errors.': '配置文件是否正确；列出其中的所有错误。',
  'the file that `hadal serve` finds': '`hadal serve` 会找到的那个',
  'List, download and inspect models.': '列出、下载和查看模型。',
  'List the models on this machine.': '本机上的模型。',
  'folder of downloaded models': '下载的模型所在位置',
  'Download a model, or a newer version of one.': '下载模型，或其更新的版本。',
  'hf:owner/repo:quant, hf:owner/repo/file.gguf, hf:owner/repo:safetensors, or an https URL':
    'hf:owner/repo:quant、hf:owner/repo/file.gguf、hf:owner/repo:safetensors，或 https 网址',
  'download folder': '放在哪里',
  'only print the local path; never use the network': '只说明位置；从不使用网络',
  'verify local files and download damaged ones again': '重新读取已有内容，损坏的重新下载',
  'Show a model’s metadata.': '模型自己的说明。',
  'a bundled model, a path to a model or checkpoint, or a pulled model':
    '自带模型、模型或检查点的路径，或下载过的模型',
  'Usage:': '用法：',
  'Arguments:': '参数：',
  'Commands:': '命令：',
  default: '默认',
  choices: '可选',
  'help:': '建议：',
}
