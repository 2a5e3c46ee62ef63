# hongyan_module(NAME [ASIO] SOURCES ... PUBLIC ... PRIVATE ...)
#   One static library per folder. ASIO: the module drives sockets; it links hongyan_asio and shares
#   its precompiled header.
function(hongyan_module name)
  cmake_parse_arguments(ARG "ASIO" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(hongyan_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(hongyan_${name} PUBLIC hongyan_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  if(ARG_ASIO)
    target_link_libraries(hongyan_${name} PUBLIC hongyan_asio)
    hongyan_asio_pch(hongyan_${name})
  endif()
endfunction()

# The header is compiled once, in hongyan_asio_pch, and reused by every target with the same flags.
function(hongyan_asio_pch target)
  if(NOT TARGET hongyan_asio_pch_owner)
    file(WRITE ${CMAKE_BINARY_DIR}/generated/asio_pch_owner.cc "")
    add_library(hongyan_asio_pch_owner STATIC ${CMAKE_BINARY_DIR}/generated/asio_pch_owner.cc)
    target_link_libraries(hongyan_asio_pch_owner PUBLIC hongyan_options hongyan_asio)
    target_precompile_headers(hongyan_asio_pch_owner PRIVATE ${CMAKE_SOURCE_DIR}/cmake/asio_pch.h)
    target_compile_options(hongyan_asio_pch_owner PUBLIC -Xclang -fno-pch-timestamp)
  endif()
  target_precompile_headers(${target} REUSE_FROM hongyan_asio_pch_owner)
  # Executables would be compiled as PIE, the header is PIC.
  target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp -fPIC)
endfunction()

# hongyan_test(NAME LABEL unit|integration [ASIO] SOURCES ... LIBS ...)
#   One GoogleTest program; every case is its own ctest entry with the label.
function(hongyan_test name)
  cmake_parse_arguments(ARG "ASIO" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE hongyan_options ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  if(ARG_ASIO)
    target_link_libraries(${name} PRIVATE hongyan_asio)
    hongyan_asio_pch(${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# hongyan_fuzzer(NAME SOURCE LIBS ...): a libFuzzer program. The fuzz preset instruments all it tests
# (./dev fuzz, long); elsewhere it is a test that starts from tests/fuzz/seeds/NAME for two seconds.
function(hongyan_fuzzer name source)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE hongyan_options ${ARGN})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set(corpus ${CMAKE_CURRENT_BINARY_DIR}/brief/${name})
  file(MAKE_DIRECTORY ${corpus})
  set(seeds ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name})
  if(NOT EXISTS ${seeds})
    set(seeds)
  endif()
  add_test(NAME fuzz.${name}
    COMMAND ${name} -max_total_time=2 -timeout=10 -rss_limit_mb=2048 -artifact_prefix=${corpus}-
            ${corpus} ${seeds})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS "unit;fuzz" TIMEOUT 120)
endfunction()

# hongyan_embed(TARGET NAMESPACE FILE...): compiles files into TARGET, so that the program is one
# binary. Each becomes `std::string_view hongyan::embedded::<path with _ for / . ->`, declared in
# "embedded/<NAMESPACE>.h" together with `std::span<const EmbeddedFile> <NAMESPACE>_files()`.
function(hongyan_embed target name)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded/${name})
  set(inputs ${ARGN})
  list(TRANSFORM inputs PREPEND ${CMAKE_SOURCE_DIR}/)
  add_custom_command(
    OUTPUT ${out}.cc ${out}.h
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/embed.py ${CMAKE_SOURCE_DIR} ${out} ${name} ${ARGN}
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/tools/embed.py
    VERBATIM)
  target_sources(${target} PRIVATE ${out}.cc ${out}.h)
  set_source_files_properties(${out}.cc PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
