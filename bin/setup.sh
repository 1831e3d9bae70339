# What bin/tilewright, bin/test and bin/bench share: finding a JDK, installing tools, building once.
# Sourced with ROOT set to the checkout; bash 3.2 and later.

# Some services start without HOME; the tilde then is what the system knows.
: "${HOME:=$(echo ~)}"
STATE=${TILEWRIGHT_HOME:-$HOME/.tilewright}
APPS=$ROOT/target/app

say() { printf 'tilewright: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# Prints the feature release of the JDK in folder $1 (its 'release' file says it), nothing if there is none.
jdk_release() {
  [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# Prints the folder of the java on PATH.
java_on_path() {
  local java
  java=$(command -v java) || return 0
  while [ -L "$java" ]; do
    case $(readlink "$java") in
      /*) java=$(readlink "$java") ;;
      *) java=$(dirname "$java")/$(readlink "$java") ;;
    esac
  done
  (cd "$(dirname "$java")/.." && pwd)
}

# Sets JDK to a JDK of release 25 or later and returns 0, or returns 1.
look_for_jdk() {
  local folder release
  for folder in "${JAVA_HOME:-}" "$(java_on_path)" \
      /usr/lib/jvm/* /opt/java/* /opt/*jdk* /opt/*/*jdk* /usr/java/* /usr/local/*jdk* \
      "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -n "$folder" ] || continue
    release=$(jdk_release "$folder")
    if [ -n "$release" ] && [ "$release" -ge 25 ]; then
      JDK=$folder
      return 0
    fi
  done
  return 1
}

# Sets JDK, or ends with what to install.
find_jdk() {
  look_for_jdk || fail "needs a JDK 25 or later and found none (JAVA_HOME, PATH, /usr/lib/jvm, ~/.sdkman, ~/.jdks, /opt);" \
    "install one, for example Eclipse Temurin 25, or set JAVA_HOME"
}

# Installs the Debian packages $2... where that is possible; $1 says what for.
install_packages() {
  local purpose=$1 sudo=
  shift
  command -v apt-get >/dev/null || fail "$purpose needs $*; install them with your system's package manager"
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || fail "$purpose needs $*; run: sudo apt-get install -y $*"
    sudo="sudo -n"
  fi
  mkdir -p "$STATE/logs"
  local log=$STATE/logs/install.log
  say "installing $* (apt-get; log in $log)"
  { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
    >"$log" 2>&1 </dev/null || fail "could not install $*; see $log, or run: apt-get update && apt-get install -y $*"
}

ensure_maven() {
  command -v mvn >/dev/null || install_packages "building" maven
}

# A C++ compiler runs the emitted design; CXX, when set, is the user's choice.
ensure_cpp_compiler() {
  [ -n "${CXX:-}" ] || command -v clang++ >/dev/null || command -v g++ >/dev/null \
    || install_packages "running the emitted C++" g++
}

# Whether the built application is newer than everything it is made of.
app_is_fresh() {
  [ -f "$APPS/current" ] && [ -f "$APPS/stamp" ] && [ -d "$APPS/$(cat "$APPS/current")" ] || return 1
  [ -z "$(cd "$ROOT" && find pom.xml .mvn ./*/pom.xml ./*/src/main -newer "$APPS/stamp" -print | head -n 1)" ]
}

# Takes the checkout's build lock until this process ends.
lock_build() {
  mkdir -p "$ROOT/target"
  local lock=$ROOT/target/build.lock
  if command -v flock >/dev/null; then
    exec 9>"$lock"
    flock -n 9 || { say "waiting for another build of this checkout"; flock 9; }
    return
  fi
  local waiting=
  until mkdir "$lock.d" 2>/dev/null; do
    if [ -f "$lock.d/pid" ] && ! kill -0 "$(cat "$lock.d/pid")" 2>/dev/null; then
      rm -rf "$lock.d"
    else
      [ -n "$waiting" ] || say "waiting for another build of this checkout"
      waiting=yes
      sleep 1
    fi
  done
  echo $$ >"$lock.d/pid"
  trap 'rm -rf "$ROOT/target/build.lock.d"' EXIT
}

unlock_build() {
  if command -v flock >/dev/null; then
    exec 9>&-
  else
    rm -rf "$ROOT/target/build.lock.d"
  fi
}

# Maven with the JDK that was found; the options keep that JDK from warning about Maven itself.
run_maven() {
  (cd "$ROOT" && JAVA_HOME=$JDK \
    MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}" mvn -B "$@")
}

# Prints what every JVM of the project is started with; the parent pom says it.
jvm_flags() {
  sed -n 's:.*<jvm\.flags>\(.*\)</jvm\.flags>.*:\1:p' "$ROOT/pom.xml"
}

# Lets a JVM that runs the example and a quantised model write down in $1 which classes it needed and how they look in memory:
# the next ones start faster, and native kernels are compiled already. Without it they only start slower, so a failure is left
# in the log.
make_start_cache() {
  [ -f "$ROOT/examples/moe-lm/config.json" ] || return 0
  local flags
  read -r -a flags <"$1/jvm.flags"
  flags+=(-XX:+UseSerialGC -cp "$1/*")
  "$JDK/bin/java" "${flags[@]}" tilewright.compiler.cli.Main random-model tiny-lm -o "$1/start.gguf" --format q4_0 \
    >>"$2" 2>&1 </dev/null \
    && "$JDK/bin/java" -XX:AOTCacheOutput="$1/start.aot" "${flags[@]}" \
      tilewright.compiler.cli.Rehearsal "$ROOT/examples/moe-lm" "$1/start.gguf" >>"$2" 2>&1 </dev/null \
    || rm -f "$1/start.aot"
  rm -f "$1/start.gguf"
}

# Builds the application into a folder of its own, which then becomes the current one; running ones keep theirs.
build_app() {
  lock_build
  if app_is_fresh; then
    unlock_build
    return
  fi
  ensure_maven
  mkdir -p "$STATE/logs" "$APPS"
  local log=$STATE/logs/build.log started=$APPS/started name previous=
  say "building (once; log in $log)"
  : >"$started"
  rm -rf "$ROOT/compiler/target/lib"
  if ! run_maven -P '!format,launcher' -pl compiler -am -Dmaven.test.skip=true -Dmaven.compiler.failOnWarning=false package >"$log" 2>&1 </dev/null; then
    grep '^\[ERROR\]' "$log" | head -n 5 >&2
    fail "the build failed; see $log"
  fi
  name=$(date +%Y%m%d-%H%M%S)-$$
  mkdir "$APPS/$name"
  cp "$ROOT"/compiler/target/lib/*.jar "$ROOT"/compiler/target/compiler-*.jar "$APPS/$name/"
  jvm_flags >"$APPS/$name/jvm.flags"
  make_start_cache "$APPS/$name" "$log"
  [ -f "$APPS/current" ] && previous=$(cat "$APPS/current")
  printf '%s\n' "$name" >"$APPS/current.new"
  mv -f "$APPS/current.new" "$APPS/current"
  mv -f "$started" "$APPS/stamp"
  # The build before this one may still be running; older ones go.
  local old
  for old in "$APPS"/*/; do
    old=$(basename "$old")
    [ "$old" = "$name" ] || [ "$old" = "$previous" ] || rm -rf "${APPS:?}/$old"
  done
  unlock_build
}
