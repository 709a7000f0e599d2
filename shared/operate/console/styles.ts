/** The console's only stylesheet: system fonts, one accent, light and dark by the reader's setting. */
export const styles = `
:root{--bg:#fbfaf8;--card:#fff;--ink:#1c1b19;--soft:#66625b;--line:#e4e0d8;--accent:#0b5d5b;--good:#1d6b3a;--bad:#a3221b;--warn:#8a5a00;--mark:#fff1cc}
@media (prefers-color-scheme:dark){:root{--bg:#161513;--card:#1f1e1b;--ink:#ece9e2;--soft:#a39e94;--line:#35322d;--accent:#6cc5c1;--good:#7fcf9a;--bad:#ff9a8f;--warn:#e5b95c;--mark:#453a17}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;-webkit-text-size-adjust:100%}
a{color:var(--accent);text-underline-offset:.15em}
.top{display:flex;gap:1.5rem;align-items:baseline;padding:.8rem max(1rem,calc(50% - 34rem));border-bottom:1px solid var(--line)}
.brand{font-weight:700;letter-spacing:-.01em;color:var(--ink);text-decoration:none}
nav{display:flex;gap:1rem}
.tabs{flex-wrap:wrap;gap:.3rem 1.2rem;margin:0 0 1.2rem;padding-bottom:.6rem;border-bottom:1px solid var(--line)}
main{max-width:68rem;margin:0 auto;padding:1.2rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.2;letter-spacing:-.015em;margin:.4rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem;letter-spacing:-.01em}
.card h2{margin-top:0}
.crumbs{margin:0;overflow-wrap:anywhere;color:var(--soft);font-size:.875rem}
.crumbs>*+*::before{content:"/";margin:0 .45rem;color:var(--line)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem;margin:0 0 1rem}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.notice{background:var(--mark);border-radius:.4rem;padding:.5rem .8rem;margin:.4rem 0 1rem}
.empty{border:1px dashed var(--line);border-radius:.6rem;padding:1rem;color:var(--soft);margin:0 0 1rem}
.badge{display:inline-block;font-size:.8rem;font-weight:600;padding:.05rem .5rem;border:1px solid currentColor;border-radius:1rem;white-space:nowrap;vertical-align:.1em}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.quiet{color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.8rem;margin:.8rem 0}
.figures div{border-top:2px solid var(--line);padding-top:.35rem}
.figures b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.figures span{color:var(--soft);font-size:.875rem}
dl{display:grid;grid-template-columns:minmax(7rem,11rem) 1fr;gap:.35rem 1rem;margin:.6rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:.8rem;margin:.6rem 0 0}
.sides>div{border-top:2px solid var(--line);padding-top:.35rem}
.sides span{display:block;color:var(--soft);font-size:.875rem}
.sides b{display:block;overflow-wrap:anywhere;margin:0 0 .5rem}
.scroll{overflow-x:auto;margin:0 0 1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:600;font-size:.875rem;color:var(--soft);white-space:nowrap}
td.short{white-space:nowrap}
th.num,td.num{text-align:right;padding-right:1.4rem}
th{overflow-wrap:normal}
tr.differs td{background:var(--mark)}
.alert{border-left:4px solid var(--bad)}
.alert pre,pre{white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.5 ui-monospace,Menlo,Consolas,monospace;margin:.4rem 0 0}
.actions+.card{margin-top:1rem}
.actions{display:flex;flex-wrap:wrap;gap:.6rem;margin:.8rem 0 0}
.action{display:inline-flex;max-width:100%;flex-wrap:wrap;gap:.5rem;margin:0}
button,input,select{font:inherit;color:inherit;border-radius:.4rem;border:1px solid var(--line);background:var(--card);padding:.35rem .7rem;min-width:0;max-width:100%}
button{cursor:pointer;border-color:var(--accent);color:var(--accent);font-weight:600}
button.danger{border-color:var(--bad);color:var(--bad)}
button:hover{background:var(--bg)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.6rem;margin:.6rem 0}
.grid label{display:grid;gap:.2rem;font-size:.875rem;color:var(--soft)}
.grid input,.grid select{color:var(--ink)}
@media (max-width:34rem){td{min-width:6.5rem}td.short,td.mark{min-width:0}th{white-space:normal}dl{grid-template-columns:1fr;gap:0}dt{margin-top:.5rem}h1{font-size:1.35rem}}
`.trim();
