/** Texts that run something where a page takes them for more than text. Each would set `window.pwned`. */
export const HOSTILE: readonly string[] = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  "'-window.pwned=1-'",
  'javascript:window.pwned=1',
  '</textarea></pre></title><script>window.pwned=1</script>',
  '{{constructor.constructor("window.pwned=1")()}}',
  '<iframe srcdoc="<script>parent.pwned=1</script>">',
  '<a href="javascript:window.pwned=1" autofocus onfocus=window.pwned=1>x</a>',
  '<style>@import "http://127.0.0.1:9/x";</style>',
  '<math><mi xlink:href="data:x,<script>window.pwned=1</script>">',
  '\u202e<b>turned</b>\u2066',
  '__proto__',
];
