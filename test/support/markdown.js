'use strict';

// The examples of a Markdown document; the types say what they are. Plain JavaScript: test/versions reads it too.

const FENCE = /^```(\S*)[ \t]*(.*)\n([^]*?)^```$/gm;

function readDocument(markdown) {
  const files = new Map();
  const commands = [];
  for (const { 1: language, 2: name = '', 3: text = '', index } of markdown.matchAll(FENCE)) {
    if (language === 'console') {
      const line = markdown.slice(0, index).split('\n').length + 1;
      commands.push(...readConsole(text, line, needsOf(name)));
    } else if (name !== '') {
      files.set(name, text);
    }
  }
  return { files, commands };
}

function needsOf(word) {
  if (word === '' || word === 'debian' || word === 'registry') return word;
  throw new Error(`console ${word}: what comes after it is debian, registry or nothing`);
}

function readConsole(text, firstLine, needs) {
  const commands = [];
  for (const [at, line] of text.replace(/\n$/, '').split('\n').entries()) {
    if (line.startsWith('$ ')) {
      commands.push({ command: line.slice(2), line: firstLine + at, needs, output: '' });
      continue;
    }
    const last = commands.at(-1);
    if (last === undefined) throw new Error(`line ${firstLine + at}: no command before`);
    last.output += `${line}\n`;
  }
  return commands;
}

function expected({ output }) {
  return new RegExp(`^${patternOf(output)}$`);
}

function patternOf(text) {
  return text
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/^…\n/gm, '(?:.*\\n)*?')
    .replaceAll('…', '.*');
}

module.exports = { expected, patternOf, readDocument };
