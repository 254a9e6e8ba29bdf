// Follows the light or dark mode of the machine: Bootstrap wants it as an attribute. Without JavaScript: light.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => { document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"; };
dark.addEventListener("change", follow);
follow();
