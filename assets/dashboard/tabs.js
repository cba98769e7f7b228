// On a phone the tabs scroll sideways: the current one is brought into sight.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
