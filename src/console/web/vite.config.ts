// Builds the page into a few files with fixed names: the server tells versions apart by ETag, and
// diffs of ../dist stay readable.
import { defineConfig } from "vite";

export default defineConfig({
    base: "./",
    build: {
        outDir: "dist",
        target: "es2022",
        modulePreload: { polyfill: false },
        cssCodeSplit: false,
        assetsInlineLimit: 0,
        rollupOptions: {
            output: {
                entryFileNames: "console.js",
                assetFileNames: "console[extname]",
                codeSplitting: false,
            },
        },
    },
});
