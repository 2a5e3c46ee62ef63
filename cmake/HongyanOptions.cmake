# Language, warnings, sanitizers: one target that everything links.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Dev: quick to compile, fast enough for tests with a million recipients, asserts on.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_EXE_LINKER_FLAGS_DEV "")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")

set(HONGYAN_SANITIZE "" CACHE STRING "Sanitizers, comma separated")
option(HONGYAN_COVERAGE "Source based coverage" OFF)

add_library(hongyan_options INTERFACE)
target_include_directories(hongyan_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(hongyan_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wimplicit-fallthrough -Wextra-semi -Wunused -Wconversion -Wno-sign-conversion -Werror
  -fno-omit-frame-pointer)
target_link_options(hongyan_options INTERFACE -fuse-ld=lld)
if(HONGYAN_SANITIZE)
  target_compile_options(hongyan_options INTERFACE -fsanitize=${HONGYAN_SANITIZE} -fno-sanitize-recover=undefined)
  target_link_options(hongyan_options INTERFACE -fsanitize=${HONGYAN_SANITIZE})
  target_compile_definitions(hongyan_options INTERFACE HONGYAN_SANITIZED=1)
  if(HONGYAN_SANITIZE MATCHES "address")
    # The coroutine frame cache hides use-after-free from ASan.
    target_compile_definitions(hongyan_options INTERFACE
      BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
  endif()
endif()
if(HONGYAN_COVERAGE)
  target_compile_options(hongyan_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(hongyan_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
endif()
