#include "agentctl/ssh_known_names.hpp"

#include "agentctl/run_program.hpp"
#include "agentctl/ssh_config.hpp"

#include <glob.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace agentctl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view public_hosts[] = {
    "github.com",
    "ssh.github.com",
    "gist.github.com",
    "gitlab.com",
    "altssh.gitlab.com",
    "bitbucket.org",
    "altssh.bitbucket.org",
    "codeberg.org",
    "git.sr.ht",
    "gitea.com",
    "ssh.dev.azure.com",
    "vs-ssh.visualstudio.com",
    "git.launchpad.net",
    "salsa.debian.org",
    "source.developers.google.com",
    "git.kernel.org",
    "gitolite.kernel.org",
    "gitlab.gnome.org",
    "gitlab.freedesktop.org",
    "git.savannah.gnu.org",
    "invent.kde.org",
    "aur.archlinux.org",
    "hf.co",
    "huggingface.co",
    "git.code.sf.net",
    "git.heroku.com",
    "localhost",
};
constexpr int deepest_include = 16; // as ssh's own

std::string plain(std::string_view name) {
    std::string text(name);
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    while (text.ends_with('.')) text.pop_back();
    return text;
}

std::vector<std::string> words_of(std::string line) {
    std::ranges::replace(line, '"', ' ');
    if (const auto sign = line.find('=');
        sign != std::string::npos && line.find_first_of(" \t") > sign)
        line[sign] = ' ';
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

} // namespace

SshKnownNames::Files SshKnownNames::usual() {
    Files files;
    files.hosts = "/etc/hosts";
    files.configurations = {"/etc/ssh/ssh_config"};
    files.known_hosts = {"/etc/ssh/ssh_known_hosts"};
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
        files.configurations.insert(files.configurations.begin(), fs::path(home) / ".ssh/config");
        files.known_hosts.insert(files.known_hosts.begin(), fs::path(home) / ".ssh/known_hosts");
    }
    return files;
}

SshKnownNames::SshKnownNames(const Files& files) {
    for (const auto& path : files.configurations) {
        folder_ = path.parent_path();
        read_configuration(path, 0);
    }
    for (const auto& path : files.known_hosts) read_known_hosts(path);
    std::ifstream hosts(files.hosts);
    for (std::string line; std::getline(hosts, line);) {
        const auto words = words_of(line.substr(0, line.find('#')));
        for (std::size_t i = 1; i < words.size(); ++i) add(words[i]);
    }
}

void SshKnownNames::add(std::string_view name) {
    if (name.find_first_of("*?!") == std::string_view::npos) names_.insert(plain(name));
}

void SshKnownNames::read_configuration(const fs::path& path, int depth) {
    std::ifstream file(path);
    std::string line;
    for (bool first = true; std::getline(file, line); first = false) {
        if (first && line.starts_with(ssh_config_mark)) return; // what an earlier run wrote
        const auto words = words_of(line);
        if (words.size() < 2) continue;
        const std::string keyword = plain(words[0]);
        if (keyword == "host")
            for (std::size_t i = 1; i < words.size(); ++i) add(words[i]);
        if (keyword == "hostname") add(words[1]);
        if (keyword != "include" || depth == deepest_include) continue;
        for (std::size_t i = 1; i < words.size(); ++i) {
            const std::string pattern =
                words[i][0] == '/' || words[i][0] == '~' ? words[i] : (folder_ / words[i]).string();
            glob_t found{};
            if (::glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0)
                for (std::size_t at = 0; at < found.gl_pathc; ++at)
                    read_configuration(found.gl_pathv[at], depth + 1);
            ::globfree(&found);
        }
    }
}

void SshKnownNames::read_known_hosts(const fs::path& path) {
    std::ifstream file(path);
    bool hashed = false;
    for (std::string line; std::getline(file, line);) {
        auto words = words_of(line);
        if (!words.empty() && words[0].starts_with('@'))
            words.erase(words.begin()); // @cert-authority
        if (words.empty() || words[0].starts_with('#')) continue;
        hashed = hashed || words[0].starts_with('|');
        std::istringstream names(words[0]);
        for (std::string name; std::getline(names, name, ',');) {
            if (name.starts_with('[')) name = name.substr(1, name.find(']') - 1); // [host]:port
            add(name);
        }
    }
    if (hashed) hashed_.push_back(path);
}

bool SshKnownNames::has(std::string_view name) const {
    const std::string wanted = plain(name);
    if (wanted.empty()) return false;
    if (names_.contains(wanted)) return true;
    return std::ranges::any_of(hashed_, [&](const fs::path& path) {
        const auto ran = run_program({"ssh-keygen", "-F", wanted, "-f", path.string()});
        return ran && ran->ok();
    });
}

bool SshKnownNames::is_public(std::string_view name) {
    return std::ranges::find(public_hosts, plain(name)) != std::end(public_hosts);
}

} // namespace agentctl
