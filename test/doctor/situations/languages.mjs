// Ruby and Go.
import { byKey, term } from './common.mjs';

const ruby = (script) => ['ruby', '-e', `$stdout.sync = true\n${script}`];
const built = (body) => ({
  files: { 'main.go': program(body) },
  start: ['sh', '-c', 'go build -o program main.go && exec ./program'],
  who: ['program'],
  says: 'ready',
});

function program(body) {
  return `package main
import ("fmt"; "os"; "os/signal"; "syscall"; "time")
var _ = signal.Notify
var _ = syscall.SIGTERM
var _ = os.Exit
func main() {
${body}
  fmt.Println("ready")
  for { time.Sleep(time.Hour) }
}
`;
}

const hears = `  c := make(chan os.Signal, 1)
  signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
  go func() { for range c { fmt.Println("heard") } }()`;

export const languages = [
  {
    name: 'Ruby, asleep',
    start: ruby("puts 'ready'; sleep"),
    says: 'ready',
    ...byKey,
    really: 'ends',
  },
  {
    name: 'Ruby, asleep',
    start: ruby("puts 'ready'; sleep"),
    says: 'ready',
    ...term,
    really: 'ends',
  },
  {
    name: 'Ruby, asleep, a handler',
    start: ruby("trap('TERM') { puts 'heard' }; puts 'ready'; loop { sleep }"),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Ruby, told to ignore it',
    start: ruby("trap('TERM', 'IGNORE'); puts 'ready'; sleep"),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Ruby, a thread that works, the first asleep',
    start: ruby(
      "trap('TERM') { puts 'heard' }; Thread.new { loop {} }; puts 'ready'; loop { sleep }",
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Ruby, a program that it waits for',
    start: ruby("puts 'ready'; system('sleep', '600')"),
    says: 'ready',
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  { name: 'Go, a built program', ...built(''), ...byKey, really: 'ends' },
  { name: 'Go, a built program', ...built(''), ...term, really: 'ends' },
  { name: 'Go, a built program, signal.Notify', ...built(hears), ...term, really: 'runs' },
  {
    name: 'Go, a built program, signal.Ignore',
    ...built('  signal.Ignore(syscall.SIGTERM)'),
    ...term,
    really: 'nothing',
  },
  {
    name: 'Go, a built program, busy, signal.Notify',
    ...built(`${hears}\n  go func() { for {} }()`),
    ...term,
    really: 'runs',
  },
  {
    name: 'go run, its program',
    files: { 'main.go': program('') },
    start: ['go', 'run', 'main.go'],
    below: ['main'],
    says: 'ready',
    ...byKey,
    really: 'ends',
  },
  {
    name: 'go run, its program',
    files: { 'main.go': program('') },
    start: ['go', 'run', 'main.go'],
    below: ['main'],
    says: 'ready',
    ...term,
    really: 'ends',
  },
  {
    name: 'go run, a program that listens',
    files: { 'main.go': program(hears) },
    start: ['go', 'run', 'main.go'],
    below: ['main'],
    says: 'ready',
    ...byKey,
    really: 'runs',
  },
  {
    name: 'the program under go run',
    files: { 'main.go': program(hears) },
    start: ['go', 'run', 'main.go'],
    who: ['go', 'main'],
    says: 'ready',
    ...term,
    really: 'runs',
  },
];
